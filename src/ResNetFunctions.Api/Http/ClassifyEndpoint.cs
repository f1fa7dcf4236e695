using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Diagnostics;

namespace ResNetFunctions.Api.Http;

/// <summary><c>POST /api/classify</c>: one image as the body, up to 16 as files of a form, or either as base64 in
/// JSON.</summary>
internal sealed class ClassifyEndpoint(
    Lazy<Classifier> classifier, ResNetOptions options, ByteBudget budget, ILogger<ClassifyEndpoint> logger)
{
    public Task<IResult> PostAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Answer.FromAsync(request, logger, () => MultipartFiles.Announced(request)
            ? ClassifyFilesAsync(request, cancellationToken)
            : ClassifyBodyAsync(request, cancellationToken));

    private async Task<IResult> ClassifyBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        Classifier shared = classifier.Value;
        ClassifyParameters parameters = Parameters(request);
        using PooledBytes body = await RequestBody.ReadAsync(request, options, budget, cancellationToken).ConfigureAwait(false);
        if (!BodyLimits.IsJson(body.Memory.Span))
            return await ClassifyOneAsync(shared, body, parameters, cancellationToken).ConfigureAwait(false);

        using JsonImages json = JsonImages.Read(body.Memory, options, budget);
        return json.IsList
            ? await ClassifyAllAsync(shared, json.Images, parameters, cancellationToken).ConfigureAwait(false)
            : await ClassifyOneAsync(shared, json.Images[0].Bytes!, parameters, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IResult> ClassifyFilesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        Classifier shared = classifier.Value;
        ClassifyParameters parameters = Parameters(request);
        using MultipartFiles files = await MultipartFiles.ReadAsync(request, options, budget, cancellationToken).ConfigureAwait(false);
        return await ClassifyAllAsync(shared, files.Files, parameters, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IResult> ClassifyOneAsync(
        Classifier shared, PooledBytes image, ClassifyParameters parameters, CancellationToken cancellationToken)
    {
        Classification classification = await shared.ClassifyAsync(image.Memory, parameters, cancellationToken).ConfigureAwait(false);
        return Answer.Json(ClassificationResult.Classified(classification), ApiJson.Default.ClassificationResult);
    }

    private static async Task<IResult> ClassifyAllAsync(
        Classifier shared, IReadOnlyList<MultipartFile> files, ClassifyParameters parameters, CancellationToken cancellationToken)
    {
        using Admission admission = await shared.AdmitAsync(parameters, cancellationToken).ConfigureAwait(false);
        var results = new List<ClassificationResult>(files.Count);
        foreach (MultipartFile file in files)
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

    private static ClassifyParameters Parameters(HttpRequest request)
    {
        string? top = request.Query["top"];
        var parameters = new ClassifyParameters { Model = Named(request, "model"), Language = Named(request, "lang") };
        if (string.IsNullOrEmpty(top))
            return parameters;
        return int.TryParse(top, NumberStyles.None, CultureInfo.InvariantCulture, out int k) && k <= 1000
            ? parameters with { Top = k }
            : throw new RejectedException(ErrorCode.BadParameter, "top must be 1 to 1000.");
    }

    private static string? Named(HttpRequest request, string parameter) =>
        request.Query[parameter] is [{ Length: > 0 } value] ? value : null;
}
