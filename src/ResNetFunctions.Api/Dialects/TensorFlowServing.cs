using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Dialects;

/// <summary>TensorFlow Serving's REST API for a model that takes images: rows of <c>{"b64": …}</c>.</summary>
internal sealed class TensorFlowServing(DialectHost host)
{
    public const string ModelRoute = "v1/models/{model}";
    public const string PredictRoute = "v1/models/{model}:predict";

    private const string Header = "Authorization";

    public Task<IResult> GetModelAsync(HttpRequest request) =>
        host.OpenAsync(request, Failure, () =>
        {
            bool isThere = host.IsAvailable(DialectHost.ModelOf(request));
            return Task.FromResult(Answer.Json(new ModelStatuses(
            [
                isThere
                    ? new ModelStatus("1", "AVAILABLE", new StatusProto("OK", ""))
                    : new ModelStatus("1", "END", new StatusProto("UNAVAILABLE", "Its weights are not here.")),
            ]), DialectJson.Default.ModelStatuses));
        });

    /// <summary>For each image the best class's index and all probabilities.</summary>
    public Task<IResult> PredictAsync(HttpRequest request, CancellationToken cancellationToken) =>
        host.AnswerAsync(request, Header, Failure, async () =>
        {
            using PooledBytes body = await host.ReadBodyAsync(request, cancellationToken).ConfigureAwait(false);
            using Disposables<PooledBytes> images = host.Images(Rows(JsonPiece.Parse(body.Memory)));

            var parameters = new ClassifyParameters { Model = DialectHost.ModelOf(request), Top = ClassifyParameters.AllClasses };
            IReadOnlyList<Classification> results = await host.ClassifyAsync(images, parameters, cancellationToken).ConfigureAwait(false);
            return Answer.Json(new RowPredictions([.. results.Select(RowOf)]), DialectJson.Default.RowPredictions);
        });

    private static RowPrediction RowOf(Classification result) =>
        new(result.Predictions[0].Index, DialectHost.InClassOrder(result.Predictions));

    private static List<JsonPiece> Rows(JsonPiece json)
    {
        Dictionary<string, JsonPiece> members = json.Members();
        if (!members.TryGetValue("instances", out JsonPiece instances))
        {
            throw JsonPiece.Bad(members.ContainsKey("inputs")
                ? """Columns ("inputs") are not supported: send rows, {"instances": [{"b64": "…"}]}."""
                : """The JSON must be {"instances": [{"b64": "…"}]}.""");
        }
        List<JsonPiece> rows = [.. instances.Elements(DialectHost.MaxImages).Select(TextOf)];
        return rows.Count > 0 ? rows : throw JsonPiece.Bad("There are no instances.");
    }

    // {"b64": …}, or one such value among an instance's inputs: {"image_bytes": {"b64": …}, "key": "1"}.
    private static JsonPiece TextOf(JsonPiece row)
    {
        if (row.Kind != JsonTokenType.StartObject)
            throw JsonPiece.Bad("""An instance must be an image, {"b64": "…"}: tensors are not supported here.""");
        Dictionary<string, JsonPiece> members = row.Members();
        if (members.TryGetValue("b64", out JsonPiece text))
            return text;
        foreach (JsonPiece value in members.Values)
        {
            if (value.Kind == JsonTokenType.StartObject && value.Members().TryGetValue("b64", out text))
                return text;
        }
        throw JsonPiece.Bad("""An instance must be an image, {"b64": "…"}.""");
    }

    private static IResult Failure(string code, string detail) =>
        Answer.Json(new PlainError(detail, code), DialectJson.Default.PlainError, DialectHost.Status(code));
}

internal sealed record ModelStatuses([property: JsonPropertyName("model_version_status")] IReadOnlyList<ModelStatus> Versions);

internal sealed record ModelStatus(string Version, string State, StatusProto Status);

internal sealed record StatusProto(
    [property: JsonPropertyName("error_code")] string ErrorCode, [property: JsonPropertyName("error_message")] string ErrorMessage);

internal sealed record RowPredictions(IReadOnlyList<RowPrediction> Predictions);

/// <summary>As TensorFlow's own ResNet names them.</summary>
internal sealed record RowPrediction(int Classes, IReadOnlyList<float> Probabilities);
