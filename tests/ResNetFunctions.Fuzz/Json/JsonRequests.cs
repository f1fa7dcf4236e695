using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResNetFunctions.Fuzz.Images;

namespace ResNetFunctions.Fuzz.Json;

/// <summary>Hostile JSON for each route that takes some: every dialect's bodies with changed bytes or values, a damaged
/// picture, or too much of something.</summary>
internal sealed class JsonRequests : IRequests
{
    private const string Classify = "api/classify", Infer = "v2/models/tiny/infer", Predict = "v1/models/tiny:predict", Hub = "models/tiny",
        Tag = "vision/v3.2/tag", Url = "customvision/v3.1/prediction/0c9f0b3e-6f0f-4f83-9e5c-5b7a3a6f4f10/classify/iterations/tiny/url";

    private static readonly string[] Routes = [Classify, Infer, Predict, Hub, Tag, Url];

    private static readonly string[] Codes =
    [
        "bad-json", "bad-parameter", "empty-body", "too-large", "unsupported-format", "corrupt-image", "too-many-pixels", "unknown-model", "overloaded",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "16", "17", "1e999", "1.5", "2147483648", "[]", "{}", "[[]]", "\"\"", "\"AAAA\"", "\"AAA\"", "\"=\"", "\"data:,\"",
        "\"data:image/png;base64,AAAA\"", "\"BYTES\"", "\"FP32\"", "\"softmax\"", "\"logits\"", "[1, 3, 32, 32]", "[1, [2, [3]]]", "{\"b64\": 1}",
        "{\"binary_data\": true}", "{\"classification\": 1000}", "{\"top_k\": 1000}",
    ];

    public HttpContent Make(Random random) => MakeFor(random).Body;

    public (string Route, HttpContent Body) MakeFor(Random random)
    {
        (string route, string json) = Whole(random);
        byte[] whole = Encoding.UTF8.GetBytes(json);
        byte[] body = random.Next(4) switch
        {
            0 => whole,
            1 => Mutator.Change(whole, random, Encoding.UTF8.GetBytes(Whole(random).Json)),
            2 => Encoding.UTF8.GetBytes(WithOtherValues(json, random)),
            _ => Encoding.UTF8.GetBytes(TooMuch(random)),
        };
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", random.Next(4) == 0 ? "text/plain" : "application/json");
        return (random.Next(8) == 0 ? Routes[random.Next(Routes.Length)] : route, content);
    }

    // Errors of every dialect have the stable code inside.
    public string? Fault(int status, JsonElement answer) =>
        status == 200 || Codes.Contains(HttpFuzz.CodeOf(answer)) ? null : "another code than a JSON's fault has";

    private static (string Route, string Json) Whole(Random random)
    {
        string image = Picture(random);
        return random.Next(8) switch
        {
            0 => (Classify, $$"""{"image": "{{image}}"}"""),
            1 => (Classify, $$"""{"images": ["{{image}}", "data:image/png;base64,{{Picture(random)}}"]}"""),
            2 => (Classify, $$"""{"$content-type": "image/png", "$content": "{{image}}"}"""),
            3 => (Predict, $$"""{"instances": [{"b64": "{{image}}"}, {"image_bytes": {"b64": "{{image}}"}, "key": "1"}]}"""),
            4 => (Hub, $$"""{"inputs": "{{image}}", "parameters": {"top_k": 2, "function_to_apply": "softmax"} }"""),
            5 => (Infer, $$"""{"id": "1", "inputs": [{"name": "i", "shape": [1, 1], "datatype": "BYTES", "data": [["{{image}}"]]}], "outputs": [{"name": "logits", "parameters": {"classification": 2} }]}"""),
            6 => (Infer, $$"""{"inputs": [{"name": "i", "shape": [1, 3, 32, 32], "datatype": "FP32", "data": [{{string.Join(',', Enumerable.Range(0, 3 * 32 * 32).Select(i => i / 8f))}}]}]}"""),
            _ => (random.Next(2) == 0 ? Tag : Url, """{"url": "https://pictures.example.org/a.jpg"}"""),
        };
    }

    // One to three of its values are replaced, or written once more under another name.
    private static string WithOtherValues(string json, Random random)
    {
        JsonNode root = JsonNode.Parse(json)!;
        for (int times = random.Next(1, 4); times > 0; times--)
        {
            JsonNode[] nodes = [.. Inner(root)];
            if (nodes.Length == 0)
                break;
            JsonNode node = nodes[random.Next(Math.Min(nodes.Length, 40))]; // Not always one number of thousands.
            JsonNode? value = JsonNode.Parse(random.Next(5) == 0 ? node.ToJsonString() : Values[random.Next(Values.Length)].Replace("1e999", "1e30", StringComparison.Ordinal));
            switch (node.Parent)
            {
                case JsonObject owner:
                    owner[random.Next(3) == 0 ? "other" : node.GetPropertyName()] = value;
                    break;
                case JsonArray list when random.Next(2) == 0:
                    list.Add(value);
                    break;
                case JsonArray list:
                    list[node.GetElementIndex()] = value;
                    break;
            }
        }
        return random.Next(6) == 0 ? root.ToJsonString().Replace("1E+30", "1e999", StringComparison.Ordinal) : root.ToJsonString();
    }

    private static IEnumerable<JsonNode> Inner(JsonNode? node)
    {
        IEnumerable<JsonNode?> children = node switch { JsonObject owner => owner.Select(member => member.Value), JsonArray list => list, _ => [] };
        return children.OfType<JsonNode>().SelectMany(child => Inner(child).Prepend(child));
    }

    private static string TooMuch(Random random) => random.Next(6) switch
    {
        0 => new string(random.Next(2) == 0 ? '[' : '{', random.Next(1, 5_000)),
        1 => $$"""{"images": [{{string.Join(',', Enumerable.Repeat("\"AAAA\"", random.Next(1, 3_000)))}}]}""",
        2 => "{" + string.Join(',', Enumerable.Range(0, random.Next(1, 3_000)).Select(i => $"\"{i}\": {i}")) + "}",
        3 => $$"""{"{{new string('n', random.Next(1, 20_000))}}": 1, "image": "{{Picture(random)}}"}""",
        4 => $$"""{"inputs": [{"name": "i", "datatype": "FP32", "shape": [{{random.Next(-2, 40)}}, 3, 32, 32], "data": [{{string.Join(',', Enumerable.Repeat(Number(random), 3 * 32 * 32))}}]}]}""",
        _ => string.Concat(Enumerable.Repeat("""{"image":""", random.Next(1, 100))),
    };

    private static string Number(Random random) => random.Next(6) switch { 0 => "1e999", 1 => "NaN", 2 => "-0", 3 => "\"1\"", 4 => "1.5", _ => "0" };

    private static string Picture(Random random) => Convert.ToBase64String(random.Next(3) == 0 ? ImageMutator.Make(random) : Corpus.Pick(random));
}
