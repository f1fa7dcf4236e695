using System.Net;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using ResNetFunctions.EndToEnd.Page;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>openapi.json against what <c>serve</c> and the worker really answer. The worker's other tests hold each of
/// their answers to it too.</summary>
public sealed class OpenApiTests(Workers workers, PageServers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

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
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, $"api{address}") { Content = body };
            using HttpResponseMessage answer = await client.SendAsync(request, Cancelled);
            Assert.Equal((address, status), (address, answer.StatusCode));
            await OpenApi.AssertPromisedAsync(answer);
            asked.Add((body is null ? "get" : "post", path));
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

    private async Task<HttpClient> ClientAsync(string host) => host == "serve"
        ? new HttpClient { BaseAddress = (await servers.Default).Address }
        : (await workers.Default).NewClient();
}
