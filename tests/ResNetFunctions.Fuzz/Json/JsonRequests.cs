using System.Text;
using System.Text.Json;
using ResNetFunctions.Fuzz.Images;

namespace ResNetFunctions.Fuzz.Json;

/// <summary>Hostile JSON, to each route that takes some: mutated bodies of every dialect, and well-formed ones with too much of
/// something.</summary>
internal sealed class JsonRequests : IRequests
{
    private static readonly string[] Routes =
    [
        "api/classify", "api/classify", "v2/models/tiny/infer", "v1/models/tiny:predict", "models/tiny", "vision/v3.2/tag",
        "customvision/v3.1/prediction/0c9f0b3e-6f0f-4f83-9e5c-5b7a3a6f4f10/classify/iterations/tiny/url",
    ];

    private static readonly string[] Codes =
    [
        "bad-json", "bad-parameter", "empty-body", "too-large", "unsupported-format", "corrupt-image", "too-many-pixels", "unknown-model", "overloaded",
    ];

    public string RouteOf(Random random) => Routes[random.Next(Routes.Length)];

    public HttpContent Make(Random random)
    {
        string json = random.Next(12) switch
        {
            0 => new string(random.Next(2) == 0 ? '[' : '{', random.Next(1, 5_000)),
            1 => $$"""{"images": [{{string.Join(',', Enumerable.Repeat("\"AAAA\"", random.Next(1, 3_000)))}}]}""",
            2 => "{" + string.Join(',', Enumerable.Range(0, random.Next(1, 3_000)).Select(i => $"\"{i}\": {i}")) + "}",
            3 => $$"""{"{{new string('n', random.Next(1, 20_000))}}": 1, "image": "{{Picture(random)}}"}""",
            4 => $$"""{"inputs": [{"name": "i", "datatype": "FP32", "shape": [{{random.Next(-2, 40)}}, 3, 32, 32], "data": [{{string.Join(',', Enumerable.Repeat(Number(random), 3 * 32 * 32))}}]}]}""",
            _ => "",
        };
        byte[] whole = Encoding.UTF8.GetBytes(json.Length > 0 ? json : Whole(random));
        byte[] body = json.Length > 0 && random.Next(2) == 0 ? whole : Mutator.Change(whole, random, Encoding.UTF8.GetBytes(Whole(random)));
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", random.Next(4) == 0 ? "text/plain" : "application/json");
        return content;
    }

    // Errors of every dialect have the stable code somewhere inside.
    public string? Fault(int status, JsonElement answer) =>
        status == 200 || Codes.Contains(HttpFuzz.CodeOf(answer)) ? null : "another code than a JSON's fault has";

    private static string Whole(Random random)
    {
        string image = Picture(random);
        return random.Next(8) switch
        {
            0 => $$"""{"image": "{{image}}"}""",
            1 => $$"""{"images": ["{{image}}", "data:image/png;base64,{{Picture(random)}}"]}""",
            2 => $$"""{"$content-type": "image/png", "$content": "{{image}}"}""",
            3 => $$"""{"instances": [{"b64": "{{image}}"}, {"image_bytes": {"b64": "{{image}}"}, "key": "1"}]}""",
            4 => $$"""{"inputs": "{{image}}", "parameters": {"top_k": 2, "function_to_apply": "softmax"} }""",
            5 => $$"""{"id": "1", "inputs": [{"name": "i", "shape": [1, 1], "datatype": "BYTES", "data": [["{{image}}"]]}], "outputs": [{"name": "logits", "parameters": {"classification": 2} }]}""",
            6 => $$"""{"inputs": [{"name": "i", "shape": [1, 3, 32, 32], "datatype": "FP32", "data": [{{string.Join(',', Enumerable.Range(0, 3 * 32 * 32).Select(i => i / 8f))}}]}]}""",
            _ => """{"url": "https://pictures.example.org/a.jpg"}""",
        };
    }

    private static string Number(Random random) => random.Next(6) switch { 0 => "1e999", 1 => "NaN", 2 => "-0", 3 => "\"1\"", 4 => "1.5", _ => "0" };

    private static string Picture(Random random) => Convert.ToBase64String(random.Next(3) == 0 ? ImageMutator.Make(random) : Corpus.Pick(random));
}
