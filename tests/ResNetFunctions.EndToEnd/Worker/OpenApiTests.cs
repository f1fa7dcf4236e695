using System.Net;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using ResNetFunctions.EndToEnd.Page;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>openapi.json against the real answers of <c>serve</c> and the worker. The worker's other tests check their
/// answers against it too.</summary>
public sealed class OpenApiTests(Workers workers, PageServers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private const string Key = Workers.ClientKey;

    private static readonly string Image = Convert.ToBase64String(Workers.Sample);

    public static TheoryData<string> Hosts => ["serve", "worker"];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Document_Served_IsOpenApi31WithoutAFault(string host)
    {
        using HttpClient client = await ClientAsync(host);

        ReadResult read = OpenApiDocument.Parse(await client.GetStringAsync("api/openapi.json", Cancelled), "json");

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Answers_OfEveryRoute_AreThoseOfTheDocument(string host)
    {
        using HttpClient client = await ClientAsync(host);
        string page = await client.GetStringAsync("api/ui", Cancelled);
        int start = page.IndexOf("href=\"ui/", StringComparison.Ordinal) + 9;
        string file = page[start..page.IndexOf('"', start)];
        HashSet<(string, string)> asked = [];

        async Task AskAsync(string path, HttpStatusCode status, string address, HttpContent? body = null)
        {
            await SendAsync(body is null ? HttpMethod.Get : HttpMethod.Post, path, status, "api" + address, body);
        }

        async Task SendAsync(HttpMethod method, string path, HttpStatusCode status, string address, HttpContent? body = null)
        {
            using var request = new HttpRequestMessage(method, address) { Content = body };
            request.Headers.Add("x-functions-key", Key);
            using HttpResponseMessage answer = await client.SendAsync(request, Cancelled);
            Assert.Equal((address, status), (address, answer.StatusCode));
            await OpenApi.AssertPromisedAsync(answer);
            asked.Add((method.Method.ToLowerInvariant(), path));
        }

        await AskAsync("/classify", HttpStatusCode.OK, "/classify?top=1000", new ByteArrayContent(Workers.Sample));
        await AskAsync("/classify", HttpStatusCode.OK, "/classify", new MultipartFormDataContent
        {
            { new ByteArrayContent(Workers.Sample), "a", "a.jpg" },
            { new ByteArrayContent("text"u8.ToArray()), "b", "b.jpg" },
            { new ByteArrayContent([]), "c", "c.jpg" },
            { new ByteArrayContent(Workers.Sample[..1000]), "d", "d.jpg" },
        });
        await AskAsync("/classify", HttpStatusCode.BadRequest, "/classify", new ByteArrayContent([]));
        await AskAsync("/classify", HttpStatusCode.BadRequest, "/classify?top=0", new ByteArrayContent(Workers.Sample));
        await AskAsync("/classify", HttpStatusCode.BadRequest, "/classify", new MultipartFormDataContent { { new StringContent("3"), "top" } });
        await AskAsync("/classify", HttpStatusCode.NotFound, "/classify?model=none", new ByteArrayContent(Workers.Sample));
        await AskAsync("/classify", HttpStatusCode.RequestEntityTooLarge, "/classify", new ByteArrayContent(new byte[21 << 20]));
        await AskAsync("/classify", HttpStatusCode.UnsupportedMediaType, "/classify", new ByteArrayContent("text"u8.ToArray()));
        await AskAsync("/classify", HttpStatusCode.UnprocessableEntity, "/classify", new ByteArrayContent(Workers.Sample[..1000]));
        await AskAsync("/models", HttpStatusCode.OK, "/models");
        await AskAsync("/health/live", HttpStatusCode.OK, "/health/live");
        await AskAsync("/health/ready", HttpStatusCode.OK, "/health/ready");
        await AskAsync("/openapi.json", HttpStatusCode.OK, "/openapi.json");
        await AskAsync("/ui", HttpStatusCode.OK, "/ui");
        await AskAsync("/ui/{version}/{file}", HttpStatusCode.OK, $"/ui/{file}");
        await AskAsync("/ui/{version}/{file}", HttpStatusCode.NotFound, "/ui/none/none.js");
        await AskAsync("/classify", HttpStatusCode.OK, "/classify?lang=zh", Json($$"""{"images": ["{{Image}}", "AAAA"]}"""));
        await AskAsync("/classify", HttpStatusCode.BadRequest, "/classify", Json("""{"image": "?"}"""));

        const string CustomVision = "customvision/v3.1/prediction/0c9f0b3e-6f0f-4f83-9e5c-5b7a3a6f4f10/classify/iterations/resnet18-mlnet/";
        const string CustomVisionPath = "/customvision/{version}/prediction/{project}/classify/iterations/{model}/";
        foreach (string route in (string[])["image", "image/nostore"])
            await SendAsync(HttpMethod.Post, CustomVisionPath + route, HttpStatusCode.OK, CustomVision + route, new ByteArrayContent(Workers.Sample));
        foreach (string route in (string[])["url", "url/nostore"])
            await SendAsync(HttpMethod.Post, CustomVisionPath + route, HttpStatusCode.BadRequest, CustomVision + route, Json("""{"url": "https://example.org/a.jpg"}"""));
        await SendAsync(HttpMethod.Post, "/vision/v3.2/tag", HttpStatusCode.OK, "vision/v3.2/tag", new ByteArrayContent(Workers.Sample));
        await SendAsync(HttpMethod.Post, "/vision/v3.2/tag", HttpStatusCode.BadRequest, "vision/v3.2/tag", new ByteArrayContent("text"u8.ToArray()));
        foreach (string route in (string[])["v2", "v2/health/live", "v2/health/ready", "v2/models/{model}", "v2/models/{model}/ready", "v1/models/{model}", "ping"])
            await SendAsync(HttpMethod.Get, "/" + route, HttpStatusCode.OK, route.Replace("{model}", "resnet18-mlnet", StringComparison.Ordinal));
        await SendAsync(HttpMethod.Post, "/v2/models/{model}/infer", HttpStatusCode.OK, "v2/models/resnet18-mlnet/infer", Json(
            $$"""{"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": ["{{Image}}"]}], "outputs": [{"name": "logits"}, {"name": "probabilities", "parameters": {"classification": 3} }]}"""));
        await SendAsync(HttpMethod.Post, "/v2/models/{model}/infer", HttpStatusCode.NotFound, "v2/models/none/infer", Json("{}"));
        await SendAsync(HttpMethod.Post, "/v1/models/{model}:predict", HttpStatusCode.OK, "v1/models/resnet18-mlnet:predict", Json($$"""{"instances": [{"b64": "{{Image}}"}]}"""));
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put])
            await SendAsync(method, "/predictions/{model}", HttpStatusCode.OK, "predictions/resnet18-mlnet", new ByteArrayContent(Workers.Sample));
        await SendAsync(HttpMethod.Post, "/predictions/{model}", HttpStatusCode.NotFound, "predictions/none", new ByteArrayContent(Workers.Sample));
        await SendAsync(HttpMethod.Post, "/models/{model}", HttpStatusCode.OK, "models/resnet18-mlnet", new ByteArrayContent(Workers.Sample));

        // BackfillTests ask for those, which `serve` has not.
        Assert.Empty(OpenApi.Operations.Where(operation => !operation.Path.StartsWith("/backfills", StringComparison.Ordinal)).Except(asked));
    }

    [Fact]
    public async Task Answer_OfServeToAMissingKey_IsThatOfTheDocument()
    {
        using var client = new HttpClient { BaseAddress = (await servers.WithKey).Address };
        using HttpResponseMessage answer = await client.ClassifyAsync(Workers.Sample);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await OpenApi.AssertPromisedAsync(answer);
    }

    private static StringContent Json(string json) => new(json, System.Text.Encoding.UTF8, "application/json");

    private async Task<HttpClient> ClientAsync(string host) => host == "serve"
        ? new HttpClient { BaseAddress = (await servers.Default).Address }
        : (await workers.WithClientKey).NewClient();
}
