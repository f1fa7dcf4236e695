using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Dialects;

/// <summary>Azure Custom Vision's prediction API, v3.0 and v3.1. A published iteration is a model, a tag is a class. Nothing
/// is stored.</summary>
internal sealed class CustomVision(DialectHost host)
{
    public const string ImageRoute = Prefix + "/image/{nostore?}";

    public const string UrlRoute = Prefix + "/url/{nostore?}";

    private const string Prefix = "customvision/{version}/prediction/{project}/classify/iterations/{model}";
    private const string Header = "Prediction-Key";

    // The namespace of the name-based ids. It must not change.
    private static readonly Guid Namespace = new("6f6c1f1e-9a4b-4c0e-8d3d-2f5b7b1a9c55");

    public Task<IResult> PostImageAsync(HttpRequest request, CancellationToken cancellationToken) =>
        host.AnswerAsync(request, Header, Failure, async () =>
        {
            if (!IsKnown(request))
                return NotFound();
            using PooledBytes image = await host.ReadImageAsync(request, cancellationToken).ConfigureAwait(false);
            return await ClassifyAsync(request, image, cancellationToken).ConfigureAwait(false);
        });

    public Task<IResult> PostUrlAsync(HttpRequest request, CancellationToken cancellationToken) =>
        host.AnswerAsync(request, Header, UrlFailure, async () =>
        {
            if (!IsKnown(request))
                return NotFound();
            using PooledBytes body = await host.ReadBodyAsync(request, cancellationToken).ConfigureAwait(false);
            using PooledBytes image = await host.FetchAsync(body, cancellationToken).ConfigureAwait(false);
            return await ClassifyAsync(request, image, cancellationToken).ConfigureAwait(false);
        });

    private async Task<IResult> ClassifyAsync(HttpRequest request, PooledBytes image, CancellationToken cancellationToken)
    {
        var parameters = new ClassifyParameters { Model = DialectHost.ModelOf(request), Top = ClassifyParameters.AllClasses };
        Classification result = await host.Classifier.ClassifyAsync(image.Memory, parameters, cancellationToken).ConfigureAwait(false);
        string project = request.RouteValues["project"] as string ?? "";
        return Answer.Json(new ImagePrediction(
            Guid.NewGuid(),
            Guid.TryParse(project, out Guid id) ? id : IdOf(project),
            IdOf($"{result.Model.Name}\n{result.Model.Sha256}"),
            DateTime.UtcNow,
            [.. result.Predictions.Select(prediction => TagOf(result.Model.Name, prediction))]), DialectJson.Default.ImagePrediction);
    }

    // A class keeps its id when its model is trained again, as a tag does.
    private static TagPrediction TagOf(string model, Prediction prediction) => new(
        prediction.Confidence,
        IdOf($"{model}\n{(string.IsNullOrEmpty(prediction.Category) ? prediction.Label : prediction.Category)}"),
        prediction.Label,
        "Regular");

    // A name-based GUID (RFC 9562, version 5).
    [SuppressMessage("Security", "CA5350", Justification = "The RFC says SHA-1, and nothing is kept secret or proven by it.")]
    private static Guid IdOf(string name)
    {
        byte[] hash = SHA1.HashData([.. Namespace.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)]);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }

    private static bool IsKnown(HttpRequest request) =>
        (request.RouteValues["version"] as string)?.ToLowerInvariant() is "v3.0" or "v3.1"
        && (request.RouteValues["nostore"] as string)?.ToLowerInvariant() is null or "nostore";

    private static IResult NotFound() => Error(StatusCodes.Status404NotFound, "NotFound", "There is no such route.", "not-found");

    private static IResult UrlFailure(string code, string detail) => code is ErrorCode.BadParameter or ErrorCode.BadJson
        ? Error(StatusCodes.Status400BadRequest, "BadRequestImageUrl", detail, code)
        : Failure(code, detail);

    private static IResult Failure(string code, string detail)
    {
        (int status, string name) = code switch
        {
            ErrorCode.EmptyBody or ErrorCode.BadMultipart => (400, "BadRequestImageStream"),
            ErrorCode.TooLarge => (400, "BadRequestImageSizeBytes"),
            ErrorCode.UnsupportedFormat or ErrorCode.CorruptImage or ErrorCode.TooManyPixels => (400, "BadRequestImageFormat"),
            ErrorCode.UnknownModel => (404, "NotFoundIteration"),
            ErrorCode.Unauthorized => (401, "Unauthorized"),
            ErrorCode.InternalError => (500, "ErrorUnknown"),
            _ when Answer.Status(code) == 503 => (503, "ErrorPredictionServiceUnavailable"),
            _ => (400, "BadRequest"),
        };
        return Error(status, name, detail, code);
    }

    private static IResult Error(int status, string name, string detail, string code) =>
        Answer.Json(new CustomVisionError(name, detail, code), DialectJson.Default.CustomVisionError, status);
}

internal sealed record ImagePrediction(Guid Id, Guid Project, Guid Iteration, DateTime Created, IReadOnlyList<TagPrediction> Predictions);

internal readonly record struct TagPrediction(float Probability, Guid TagId, string TagName, string TagType);

/// <param name="Code">One of the codes that the service's clients know.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Reason">Our stable code.</param>
internal sealed record CustomVisionError(string Code, string Message, string Reason);
