using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Tests.Cli;

public sealed class SecurityTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/", 302)]
    [InlineData("HEAD", "/", 302)]
    [InlineData("GET", "/api/ui", 200)]
    [InlineData("HEAD", "/api/ui", 200)]
    [InlineData("GET", "/api/ui/none", 404)]
    [InlineData("GET", "/api/models", 200)]
    [InlineData("HEAD", "/api/health/live", 200)]
    [InlineData("GET", "/none", 404)]
    [InlineData("DELETE", "/api/classify", 405)]
    [InlineData("POST", "/api/classify", 401)]
    [InlineData("POST", "/api/classify?code=key", 400)]
    public async Task AnyAnswer_TellsABrowserWhatItMayDo(string method, string path, int status)
    {
        await using Server server = await Tiny.StartAsync(o => o.ApiKey = "key");
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server.Client.BaseAddress };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using HttpResponseMessage response = await client.SendAsync(request, Cancelled);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
        Assert.StartsWith("camera=(self),", Header(response, "Permissions-Policy"));
        Assert.StartsWith("default-src 'none';", Header(response, "Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", Header(response, "Content-Security-Policy"));
        Assert.False(response.Headers.Contains("Server"));
        if (status >= 400)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.NotNull((await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Page_MayUseTheCameraAndShowPreviews()
    {
        await using Server server = await Tiny.StartAsync();

        using HttpResponseMessage response = await server.Client.GetAsync("/api/ui", Cancelled);

        Assert.Contains("img-src 'self' blob:", Header(response, "Content-Security-Policy"));
        Assert.Contains("camera=(self)", Header(response, "Permissions-Policy"));
    }

    [Theory]
    [InlineData("https://trusted.example", true)]
    [InlineData("https://trusted.example:8443", false)]
    [InlineData("https://other.example", false)]
    [InlineData("null", false)]
    public async Task Cors_ForTheOriginsThatAreSet_AndNoOthers(string origin, bool allowed)
    {
        await using Server server = await Tiny.StartAsync(o =>
        {
            o.Cors.Add("https://trusted.example");
            o.ApiKey = "key";
        });
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/classify");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "x-functions-key");

        using HttpResponseMessage response = await server.Client.SendAsync(preflight, Cancelled);

        Assert.Equal(allowed ? origin : null, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("%0Ainfo: all is well")]
    [InlineData("%1B[2J")]
    [InlineData("%00")]
    [InlineData("..%2F..%2Fetc%2Fpasswd")]
    [InlineData("/etc/passwd")]
    public async Task Model_NameThatIsNone_IsNotEchoed(string name)
    {
        await using Server server = await Tiny.StartAsync();

        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify?model=" + name, new ByteArrayContent(Tiny.Picture), Cancelled);

        JsonElement problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal(ErrorCode.UnknownModel, problem.GetProperty("code").GetString());
        Assert.Equal("No model can have that name.", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("harmless-1.2_3", true)]
    [InlineData("two words", false)]
    [InlineData("<b>", false)]
    public async Task CorrelationId_OfTheClient_IsKeptWhereItIsHarmless(string id, bool kept)
    {
        await using Server server = await Tiny.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/models");
        request.Headers.TryAddWithoutValidation("x-correlation-id", id);

        using HttpResponseMessage response = await server.Client.SendAsync(request, Cancelled);

        Assert.Equal(kept, Header(response, "x-correlation-id") == id);
    }

    [Fact]
    public async Task ModelFile_ThatIsDamaged_IsToldWithoutItsPath()
    {
        string folder = Directory.CreateTempSubdirectory("resnet-test-").FullName;
        ResNetFunctions.Fuzz.TinyModel.Write(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "tiny.onnx"), "no graph", Cancelled);
        await using Server server = await Tiny.StartAsync(o => o.ModelsPath = folder);

        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", new ByteArrayContent(Tiny.Picture), Cancelled);

        string text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain(folder, text);
        Assert.DoesNotContain("Exception", text);
        Directory.Delete(folder, recursive: true);
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();
}
