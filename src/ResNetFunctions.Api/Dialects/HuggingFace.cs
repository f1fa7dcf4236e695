using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Dialects;

/// <summary>Hugging Face's image classification: the image is the body, or <c>{"inputs": base64, "parameters": {"top_k":
/// 5}}</c>.</summary>
internal sealed class HuggingFace(DialectHost host)
{
    /// <summary>Slashes too: names there have an owner in front.</summary>
    public const string ModelRoute = "models/{*model}";

    private const string Header = "Authorization";
    private const int DefaultTop = 5;

    public Task<IResult> PostAsync(HttpRequest request, CancellationToken cancellationToken) =>
        host.AnswerAsync(request, Header, Failure, async () =>
        {
            using PooledBytes body = await host.ReadBodyAsync(request, cancellationToken).ConfigureAwait(false);
            bool isJson = BodyLimits.IsJson(body.Memory.Span);
            (int top, JsonPiece inputs) = isJson ? Read(JsonPiece.Parse(body.Memory)) : (DefaultTop, default);
            using PooledBytes? decoded = isJson ? inputs.Image(host.Options.MaxImageBytes, host.Budget) : null;

            var parameters = new ClassifyParameters { Model = DialectHost.ModelOf(request), Top = top };
            Classification result = await host.Classifier.ClassifyAsync(
                (decoded ?? body).Memory, parameters, cancellationToken).ConfigureAwait(false);
            return Answer.Json(
                [.. result.Predictions.Select(prediction => new LabelScore(prediction.Label, prediction.Confidence))],
                DialectJson.Default.IReadOnlyListLabelScore);
        });

    private static (int Top, JsonPiece Inputs) Read(JsonPiece json)
    {
        Dictionary<string, JsonPiece> members = json.Members();
        if (!members.TryGetValue("inputs", out JsonPiece inputs))
            throw JsonPiece.Bad("""The JSON must be {"inputs": "base64"}.""");

        Dictionary<string, JsonPiece> parameters = members.TryGetValue("parameters", out JsonPiece given) ? given.Members() : [];
        if (parameters.TryGetValue("function_to_apply", out JsonPiece function)
            && function.Kind != JsonTokenType.Null && function.Text() != "softmax")
        {
            throw new RejectedException(ErrorCode.BadParameter, "function_to_apply must be softmax.");
        }
        if (!parameters.TryGetValue("top_k", out JsonPiece top) || top.Kind == JsonTokenType.Null)
            return (DefaultTop, inputs);
        return top.Integer() is { } k and >= 1 and <= 1000
            ? (k, inputs)
            : throw new RejectedException(ErrorCode.BadParameter, "top_k must be 1 to 1000.");
    }

    private static IResult Failure(string code, string detail) =>
        Answer.Json(new PlainError(detail, code), DialectJson.Default.PlainError, DialectHost.Status(code));
}

internal readonly record struct LabelScore(string Label, float Score);
