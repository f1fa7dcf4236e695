using System.Text;
using System.Text.Json;

namespace ResNetFunctions.Tests.Api.Dialects;

/// <summary>A client of one dialect: its requests, and its answers' best class.</summary>
/// <param name="Header">Where its clients put the key.</param>
/// <param name="Ask">A request to a model about an image.</param>
/// <param name="Best">The best class: its label, or its index if the dialect has no labels.</param>
internal sealed record DialectClient(
    string Header, Func<byte[], string, HttpRequestMessage> Ask, Func<JsonElement, string> Best)
{
    public const string Project = "0c9f0b3e-6f0f-4f83-9e5c-5b7a3a6f4f10";

    public static IReadOnlyDictionary<string, DialectClient> All { get; } = new Dictionary<string, DialectClient>
    {
        ["Custom Vision"] = new(
            "Prediction-Key",
            (image, model) => Post($"/customvision/v3.1/prediction/{Project}/classify/iterations/{model}/image", Form(image)),
            answer => Highest(answer.GetProperty("predictions"), "probability").GetProperty("tagName").GetString()!),
        ["Azure AI Vision"] = new(
            "Ocp-Apim-Subscription-Key",
            (image, _) => Post("/vision/v3.2/tag?model-version=latest", new ByteArrayContent(image)),
            answer => Highest(answer.GetProperty("tags"), "confidence").GetProperty("name").GetString()!),
        ["Open Inference Protocol"] = new(
            "Authorization",
            (image, model) => Post($"/v2/models/{model}/infer", Json($$"""
                {"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": ["{{Convert.ToBase64String(image)}}"]}],
                 "outputs": [{"name": "probabilities", "parameters": {"classification": 1} }]}
                """)),
            answer => answer.GetProperty("outputs")[0].GetProperty("data")[0].GetString()!.Split(':')[2]),
        ["TensorFlow Serving"] = new(
            "Authorization",
            (image, model) => Post($"/v1/models/{model}:predict", Json($$"""{"instances": [{"b64": "{{Convert.ToBase64String(image)}}"}]}""")),
            answer => answer.GetProperty("predictions")[0].GetProperty("classes").GetInt32().ToString()),
        ["TorchServe"] = new(
            "Authorization",
            (image, model) => new HttpRequestMessage(HttpMethod.Put, $"/predictions/{model}") { Content = new ByteArrayContent(image) },
            answer => answer.EnumerateObject().MaxBy(entry => entry.Value.GetDouble()).Name),
        ["Hugging Face"] = new(
            "Authorization",
            (image, model) => Post($"/models/{model}", new ByteArrayContent(image)),
            answer => Highest(answer, "score").GetProperty("label").GetString()!),
    };

    /// <summary>Our stable code in a dialect's error.</summary>
    public static string? ReasonOf(JsonElement error) =>
        (error.TryGetProperty("error", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : error)
        .GetProperty("reason").GetString();

    /// <summary>A key as the dialect's clients send it.</summary>
    public void AddKey(HttpRequestMessage request, string key) =>
        request.Headers.TryAddWithoutValidation(Header, Header == "Authorization" ? $"Bearer {key}" : key);

    public static HttpRequestMessage Post(string path, HttpContent content) => new(HttpMethod.Post, path) { Content = content };

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    // As Custom Vision's own client writes it: no file name.
    private static MultipartFormDataContent Form(byte[] image) =>
        new() { { new ByteArrayContent(image) { Headers = { ContentType = new("application/octet-stream") } }, "imageData" } };

    private static JsonElement Highest(JsonElement list, string score) => list.EnumerateArray().MaxBy(entry => entry.GetProperty(score).GetDouble());
}
