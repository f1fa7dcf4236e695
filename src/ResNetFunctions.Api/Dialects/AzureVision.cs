using Microsoft.AspNetCore.Http;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Dialects;

/// <summary>Azure AI Vision's image tags (Computer Vision v3.2), from the default model. The image is the body, in a form,
/// or given by address.</summary>
internal sealed class AzureVision(DialectHost host)
{
    public const string TagRoute = "vision/v3.2/tag";

    private const string Header = "Ocp-Apim-Subscription-Key";

    public Task<IResult> PostTagAsync(HttpRequest request, CancellationToken cancellationToken) =>
        host.AnswerAsync(request, Header, Failure, async () =>
        {
            string? language = request.Query["language"] is [{ Length: > 0 } name] ? name : null;
            if (language is not (null or "en" or "zh"))
                return Error(400, "InvalidRequest", "NotSupportedLanguage", "language must be en or zh.", ErrorCode.BadParameter);

            using PooledBytes body = await host.ReadImageAsync(request, cancellationToken).ConfigureAwait(false);
            using PooledBytes? fetched = BodyLimits.IsJson(body.Memory.Span)
                ? await host.FetchAsync(body, cancellationToken).ConfigureAwait(false)
                : null;
            Classification result = await host.Classifier.ClassifyAsync(
                (fetched ?? body).Memory, new ClassifyParameters { Language = language }, cancellationToken).ConfigureAwait(false);
            return Answer.Json(new TagResult(
                [.. result.Predictions.Select(prediction => new ImageTag(prediction.Label, prediction.Confidence))],
                Guid.NewGuid(),
                new ImageMetadata(result.Image.Height, result.Image.Width, NameOf(result.Image.Format)),
                result.Model.Name), DialectJson.Default.TagResult);
        });

    private static string NameOf(string format) => char.ToUpperInvariant(format[0]) + format[1..];

    private static IResult Failure(string code, string detail)
    {
        (int status, string outer, string inner) = code switch
        {
            ErrorCode.TooLarge or ErrorCode.TooManyPixels => (400, "InvalidRequest", "InvalidImageSize"),
            ErrorCode.UnsupportedFormat or ErrorCode.CorruptImage or ErrorCode.EmptyBody => (400, "InvalidRequest", "InvalidImageFormat"),
            ErrorCode.BadJson => (400, "InvalidRequest", "InvalidImageUrl"),
            ErrorCode.Unauthorized => (401, "401", "Unauthorized"),
            ErrorCode.InternalError => (500, "InternalServerError", "InternalServerError"),
            _ when Answer.Status(code) == 503 => (503, "ServiceUnavailable", "Timeout"),
            _ when Answer.Status(code) == 404 => (404, "InvalidArgument", "InvalidModel"),
            _ => (400, "InvalidArgument", "BadArgument"),
        };
        return Error(status, outer, inner, detail, code);
    }

    private static IResult Error(int status, string outer, string inner, string detail, string code) => Answer.Json(
        new AzureVisionError(new VisionError(outer, detail, new InnerError(inner, detail), code)), DialectJson.Default.AzureVisionError, status);
}

internal sealed record TagResult(IReadOnlyList<ImageTag> Tags, Guid RequestId, ImageMetadata Metadata, string ModelVersion);

internal readonly record struct ImageTag(string Name, float Confidence);

internal sealed record ImageMetadata(int Height, int Width, string Format);

internal sealed record AzureVisionError(VisionError Error);

/// <param name="Code">One of the codes that the service's clients know.</param>
/// <param name="Reason">Our stable code.</param>
internal sealed record VisionError(string Code, string Message, InnerError Innererror, string Reason);

internal sealed record InnerError(string Code, string Message);
