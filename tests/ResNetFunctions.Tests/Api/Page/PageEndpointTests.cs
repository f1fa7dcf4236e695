using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Page;

namespace ResNetFunctions.Tests.Api.Page;

public sealed class PageEndpointTests : IAsyncLifetime
{
    private readonly HttpClient _client = new(new HttpClientHandler { AllowAutoRedirect = false });
    private WebApplication _app = null!;

    public static TheoryData<string> FileNames => [.. PageFiles.Assets.Keys];

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapMethods("/api/ui/{*path}", ["GET", "HEAD"], PageEndpoint.Get);
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Get_Page_CarriesItsSecurityHeaders()
    {
        using HttpResponseMessage page = await Get("/api/ui");

        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(page.Headers.GetValues("Referrer-Policy")));
        Assert.StartsWith("camera=(self)", Assert.Single(page.Headers.GetValues("Permissions-Policy")), StringComparison.Ordinal);
        Assert.True(page.Headers.CacheControl!.NoCache);
    }

    [Theory]
    [MemberData(nameof(FileNames))]
    public async Task Get_FileOfThisVersion_MayBeKeptForGood(string name)
    {
        using HttpResponseMessage file = await Get($"/api/ui/{PageFiles.Version}/{name}");

        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        Assert.Equal(Path.GetExtension(name) switch
        {
            ".js" => "text/javascript",
            ".css" => "text/css",
            ".svg" => "image/svg+xml",
            _ => "image/webp",
        }, file.Content.Headers.ContentType!.MediaType);
        Assert.Equal("public, max-age=31536000, immutable", file.Headers.CacheControl!.ToString());
        Assert.Equal("nosniff", Assert.Single(file.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(PageFiles.Assets[name].Bytes, await file.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task Get_FileOfAnotherVersion_IsServedButNotKept()
    {
        using HttpResponseMessage file = await Get("/api/ui/0123456789abcdef/app.js");

        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        Assert.Equal("no-cache", file.Headers.CacheControl!.ToString());
    }

    [Theory]
    [InlineData("/api/ui")]
    [InlineData("/api/ui/any/page.css")]
    public async Task Get_TagStillHolds_IsNotModified(string path)
    {
        using HttpResponseMessage first = await Get(path);
        using HttpResponseMessage again = await Get(path, first.Headers.ETag);
        using HttpResponseMessage other = await Get(path, new EntityTagHeaderValue("\"another\""));

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Head_Page_HasTheLengthAndNoBody()
    {
        using HttpResponseMessage head = await _client.SendAsync(new(HttpMethod.Head, "/api/ui"), Token);

        Assert.Equal(PageFiles.Index.Bytes.Length, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Get_TrailingSlash_LeadsBackToThePage()
    {
        using HttpResponseMessage answer = await Get("/api/ui/");

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal("/api/ui", new Uri(new Uri("http://any/api/ui/"), answer.Headers.Location!).AbsolutePath);
    }

    [Theory]
    [InlineData("/api/ui/app.js")]
    [InlineData("/api/ui/v/nothing.js")]
    [InlineData("/api/ui/v/index.html")]
    [InlineData("/api/ui/v/w/app.js")]
    [InlineData("/api/ui/v/..%2f..%2fappsettings.json")]
    public async Task Get_UnknownPath_IsNotFoundProblem(string path)
    {
        using HttpResponseMessage answer = await Get(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        JsonElement problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal("not-found", problem.GetProperty("code").GetString());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<HttpResponseMessage> Get(string path, EntityTagHeaderValue? known = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (known is not null)
            request.Headers.IfNoneMatch.Add(known);
        return _client.SendAsync(request, Token);
    }
}
