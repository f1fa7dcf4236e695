using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using ResNetFunctions.EndToEnd.Page;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>openapi.json, and whether an answer is one that it promises.</summary>
internal static class OpenApi
{
    private static readonly JsonNode Document = JsonNode.Parse(
        File.ReadAllText(Path.Combine(PageServers.Root(), "src", "ResNetFunctions.Api", "Http", "openapi.json")))!;

    /// <summary>Every path with its verbs.</summary>
    public static IEnumerable<(string Verb, string Path)> Operations =>
        from path in Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Key != "servers"
        select (operation.Key, path.Key);

    /// <summary>Holds that the document names this answer: its path, status, headers, content type and body.</summary>
    public static async Task AssertPromisedAsync(HttpResponseMessage answer)
    {
        HttpRequestMessage request = answer.RequestMessage!;
        string asked = $"{request.Method} {request.RequestUri!.AbsolutePath} {(int)answer.StatusCode}";
        JsonNode? response = Resolve(PathOf(request.RequestUri)?[request.Method.Method.ToLowerInvariant()]?["responses"] is { } responses
            ? responses[$"{(int)answer.StatusCode}"] ?? responses["default"] : null);
        Assert.True(response is not null, $"openapi.json does not name {asked}.");

        foreach (var (name, reference) in response["headers"]?.AsObject() ?? [])
        {
            JsonNode header = Resolve(reference)!;
            if (answer.Headers.TryGetValues(name, out IEnumerable<string>? values))
                AssertValid(header["schema"]!, (string?)header["schema"]!["type"] == "integer" ? JsonValue.Create(int.Parse(values.Single())) : JsonValue.Create(values.Single()), $"{asked} {name}");
            else
                Assert.False((bool?)header["required"] ?? false, $"{asked} has no {name}.");
        }

        byte[] body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        JsonNode? content = response["content"];
        if (content is null || body.Length == 0)
        {
            Assert.Empty(body);
            return;
        }
        string type = answer.Content.Headers.ContentType!.MediaType!;
        Assert.True(content.AsObject().ContainsKey(type), $"openapi.json does not name {type} for {asked}.");
        if (type.EndsWith("json", StringComparison.Ordinal))
            AssertValid(content[type]!["schema"]!, JsonNode.Parse(body), $"{asked} {System.Text.Encoding.UTF8.GetString(body)}");
    }

    // {model}:predict is a {model} too: the longer path is meant.
    private static JsonNode? PathOf(Uri address) => Document["paths"]!.AsObject().OrderByDescending(path => path.Key.Length)
        .FirstOrDefault(path => new TemplateMatcher(new RouteTemplate(RoutePatternFactory.Parse(RouteOf(path.Key, path.Value!))), []).TryMatch(address.AbsolutePath, []))
        .Value;

    // The document's server is /api; a path that is not below it says so.
    private static string RouteOf(string path, JsonNode operations) => operations["servers"] is null ? $"api{path}" : path;

    private static JsonNode? Resolve(JsonNode? node) => (string?)node?["$ref"] is { } reference
        ? reference[2..].Split('/').Aggregate(Document, (parent, key) => parent[key]!)
        : node;

    // A schema stands alone here, with all the others as its definitions.
    private static void AssertValid(JsonNode schema, JsonNode? instance, string what)
    {
        JsonObject alone = schema.DeepClone().AsObject();
        alone["$defs"] = Document["components"]!["schemas"]!.DeepClone();
        JsonSchema compiled = JsonSchema.FromText(alone.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
        EvaluationResults results = compiled.Evaluate(JsonSerializer.SerializeToElement(instance), new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.True(results.IsValid, $"{what}\n{string.Join('\n', (results.Details ?? []).Where(detail => detail.Errors is not null).Select(detail => $"{detail.InstanceLocation} {string.Join(' ', detail.Errors!.Values)}"))}");
    }
}
