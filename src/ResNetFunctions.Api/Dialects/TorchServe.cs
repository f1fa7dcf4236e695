using Microsoft.AspNetCore.Http;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Dialects;

/// <summary>TorchServe's inference API, as its image classifier answers: the five best classes by name.</summary>
internal sealed class TorchServe(DialectHost host)
{
    public const string PingRoute = "ping";

    /// <summary>Its documentation sends images by PUT (<c>curl -T</c>) and by POST.</summary>
    public const string PredictionsRoute = "predictions/{model}";

    private const string Header = "Authorization";
    private const int Top = 5;

    public Task<IResult> PingAsync(HttpRequest request) =>
        host.OpenAsync(request, Failure, () => Task.FromResult(Answer.Json(new PingStatus("Healthy"), DialectJson.Default.PingStatus)));

    public Task<IResult> PostAsync(HttpRequest request, CancellationToken cancellationToken) =>
        host.AnswerAsync(request, Header, Failure, async () =>
        {
            using PooledBytes image = await host.ReadImageAsync(request, cancellationToken).ConfigureAwait(false);
            var parameters = new ClassifyParameters { Model = DialectHost.ModelOf(request), Top = Top };
            Classification result = await host.Classifier.ClassifyAsync(image.Memory, parameters, cancellationToken).ConfigureAwait(false);
            return Answer.Json(ByName(result.Predictions), DialectJson.Default.DictionaryStringSingle);
        });

    // Two ImageNet classes are called crane, so the less probable one gets its category too.
    private static Dictionary<string, float> ByName(IReadOnlyList<Prediction> predictions)
    {
        var byName = new Dictionary<string, float>(predictions.Count, StringComparer.Ordinal);
        foreach (Prediction prediction in predictions)
        {
            if (!byName.TryAdd(prediction.Label, prediction.Confidence))
                byName.TryAdd($"{prediction.Label} ({prediction.Category} {prediction.Index})", prediction.Confidence);
        }
        return byName;
    }

    private static IResult Failure(string code, string detail)
    {
        int status = DialectHost.Status(code);
        string type = status switch
        {
            401 => "InvalidKeyException",
            404 => "ModelNotFoundException",
            413 => "RequestEntityTooLargeException",
            500 => "InternalServerException",
            503 => "ServiceUnavailableException",
            _ => "BadRequestException",
        };
        return Answer.Json(new TorchServeError(status, type, detail, code), DialectJson.Default.TorchServeError, status);
    }
}

internal sealed record PingStatus(string Status);

/// <param name="Code">The HTTP status.</param>
/// <param name="Reason">Our stable code.</param>
internal sealed record TorchServeError(int Code, string Type, string Message, string Reason);
