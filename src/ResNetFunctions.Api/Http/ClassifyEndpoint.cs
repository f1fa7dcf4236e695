using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary><c>POST /api/classify</c>: one image as the body, or up to 16 as files of a form.</summary>
public sealed class ClassifyEndpoint(
    Lazy<Classifier> classifier, ResNetOptions options, ILogger<ClassifyEndpoint> logger)
{
    private readonly ByteBudget _budget = new(options, classifier);

    /// <summary>Answers with predictions, or with a problem.</summary>
    public Task<IResult> PostAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Answer.FromAsync(request, logger, () => MultipartFiles.Announced(request)
            ? ClassifyFilesAsync(request, cancellationToken)
            : ClassifyBodyAsync(request, cancellationToken));

    private async Task<IResult> ClassifyBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        Classifier shared = classifier.Value;
        (int? top, string? model) = Parameters(request);
        long limit = Math.Min(options.MaxImageBytes, options.MaxRequestBytes);
        using PooledBytes image = await PooledBytes.ReadAsync(
            request.Body, request.ContentLength, limit, _budget, cancellationToken).ConfigureAwait(false);

        Classification classification = await shared.ClassifyAsync(image.Memory, top, model, cancellationToken).ConfigureAwait(false);
        return Answer.Json(ClassificationResult.Classified(classification), ApiJson.Default.ClassificationResult);
    }

    private async Task<IResult> ClassifyFilesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        Classifier shared = classifier.Value;
        (int? top, string? model) = Parameters(request);
        using MultipartFiles files = await MultipartFiles.ReadAsync(request, options, _budget, cancellationToken).ConfigureAwait(false);

        using Admission admission = await shared.AdmitAsync(top, model, cancellationToken).ConfigureAwait(false);
        var results = new List<ClassificationResult>(files.Files.Count);
        foreach (MultipartFile file in files.Files)
            results.Add(await ClassifyFileAsync(admission, file, cancellationToken).ConfigureAwait(false) with { File = file.Name });
        return Answer.Json(new ClassificationResults(results), ApiJson.Default.ClassificationResults);
    }

    private static async Task<ClassificationResult> ClassifyFileAsync(
        Admission admission, MultipartFile file, CancellationToken cancellationToken)
    {
        try
        {
            return file.Rejection is { } rejection
                ? ClassificationResult.Rejected(rejection)
                : ClassificationResult.Classified(
                    await admission.ClassifyAsync(file.Bytes!.Memory, cancellationToken).ConfigureAwait(false));
        }
        catch (RejectedException e)
        {
            Telemetry.Rejected(e.Code);
            return ClassificationResult.Rejected(e);
        }
    }

    private static (int? Top, string? Model) Parameters(HttpRequest request)
    {
        string? top = request.Query["top"];
        string? model = request.Query["model"] is [{ Length: > 0 } name] ? name : null;
        if (string.IsNullOrEmpty(top))
            return (null, model);
        return int.TryParse(top, NumberStyles.None, CultureInfo.InvariantCulture, out int k)
            ? (k, model)
            : throw new RejectedException(ErrorCode.BadParameter, "top must be 1 to 1000.");
    }
}
