using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Fuzz;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Cli;

/// <summary>How <c>serve</c> starts, ends and reports, in its own process.</summary>
public sealed class ServeProcessTests
{
    private const string AnyPort = "http://127.0.0.1:0";

    private static readonly Dictionary<string, string> NoSettings = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Terminate_WhileARequestRuns_FinishesItAndRefusesOthers()
    {
        await using TinyServer server = await TinyServer.StartAsync(AnyPort, NoSettings, Cancelled);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port, Cancelled);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/classify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {Tiny.Picture.Length}\r\n\r\n"), Cancelled);
        await stream.WriteAsync(Tiny.Picture.AsMemory(0, 100), Cancelled);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("api/health/ready", Cancelled)).StatusCode);

        server.Terminate();
        while ((await server.Client.GetAsync("api/health/ready", Cancelled)).StatusCode != HttpStatusCode.ServiceUnavailable)
            await Task.Delay(10, Cancelled);
        using HttpResponseMessage refused = await server.Client.PostAsync("api/classify", new ByteArrayContent(Tiny.Picture), Cancelled);
        await stream.WriteAsync(Tiny.Picture.AsMemory(100), Cancelled);
        string answer = await new StreamReader(stream).ReadToEndAsync(Cancelled);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.StartsWith("HTTP/1.1 200 OK", answer);
        Assert.Contains("\"classified\"", answer);
        Assert.Equal(0, await server.ExitCodeAsync(Cancelled));
    }

    // Watching a home folder's tree would take seconds, and all of the user's watches.
    [Fact]
    public async Task Start_InAnyFolder_WatchesNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Skipped: a process's descriptors are read from /proc.");
        using var models = new ModelsFolder();
        models.AddTiny("tiny");
        await using ServeProcess serve = await ServeProcess.StartAsync(("ResNet__ModelsPath", models.Path), ("ResNet__DefaultModel", "tiny"));

        Assert.DoesNotContain("anon_inode:inotify", serve.Descriptors);
    }

    [Fact]
    public async Task Terminate_Idle_EndsWith0()
    {
        await using TinyServer server = await TinyServer.StartAsync(AnyPort, NoSettings, Cancelled);

        server.Terminate();

        Assert.Equal(0, await server.ExitCodeAsync(Cancelled));
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "", "other machines could reach this address")]
    [InlineData("http://*:0", "", "other machines could reach this address")]
    [InlineData("http://localhost:0;http://[::]:0", "", "other machines could reach this address")]
    [InlineData(AnyPort, "Kestrel__Endpoints__Other__Url=http://0.0.0.0:0", "other machines could reach this address")]
    [InlineData(AnyPort, "ResNet__Top=0", "Top must be between 1 and 1000")]
    [InlineData(AnyPort, "ResNet__Topp=3", "Topp")]
    [InlineData(AnyPort, "ResNet__ModelsPath=/none", "ModelsPath is not a folder")]
    public async Task Start_WithoutAKeyOrWithInvalidSettings_EndsWithOneLine(string urls, string setting, string line)
    {
        Dictionary<string, string> settings = setting.Length == 0 ? [] : new() { [setting.Split('=')[0]] = setting.Split('=')[1] };

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => TinyServer.StartAsync(urls, settings, Cancelled));

        Assert.Contains(line, error.Message);
        Assert.DoesNotContain("   at ", error.Message);
    }

    [Fact]
    public async Task Start_OnAllAddressesWithAKey_Listens()
    {
        var settings = new Dictionary<string, string> { ["ResNet__ApiKey"] = "key" };
        await using TinyServer server = await TinyServer.StartAsync("http://0.0.0.0:0", settings, Cancelled);
    }

    [Fact]
    public async Task Start_OnAnAddressInUse_SaysSoInOneLine()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string url = $"http://{taken.LocalEndpoint}";

        var (exitCode, _, error) = await ResNet.RunAsync(["serve", "--urls", url, "--storage", "none"]);

        Assert.Equal(1, exitCode);
        Assert.Equal($"resnet: {url} is in use: stop what listens there, or choose another address with --urls.", error.Trim().Split('\n')[^1]);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Https_CertificateFromKestrelsSettings_IsShown()
    {
        using var key = ECDsa.Create();
        using X509Certificate2 certificate = new CertificateRequest("CN=resnet.test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var file = new Inference.TemporaryFile(certificate.Export(X509ContentType.Pfx, "secret"), "server.pfx");
        var settings = new Dictionary<string, string>
        {
            ["Kestrel__Certificates__Default__Path"] = file.Path,
            ["Kestrel__Certificates__Default__Password"] = "secret",
        };
        await using TinyServer server = await TinyServer.StartAsync("https://127.0.0.1:0", settings, Cancelled);

        using HttpResponseMessage response = await server.Client.PostAsync("api/classify", new ByteArrayContent(Tiny.Picture), Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(certificate.Thumbprint, server.Certificate);
    }

    [Fact]
    public async Task Telemetry_WithACollector_ArrivesThere()
    {
        var received = new ConcurrentDictionary<string, string>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication collector = builder.Build();
        collector.Urls.Add(AnyPort);
        collector.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            string text = await reader.ReadToEndAsync();
            received.AddOrUpdate(signal, text, (_, before) => before + text);
        });
        await collector.StartAsync(Cancelled);
        var settings = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["Logging__LogLevel__ResNetFunctions"] = "Information",
        };
        await using TinyServer server = await TinyServer.StartAsync(AnyPort, settings, Cancelled);

        await server.Client.PostAsync("api/classify?code=secret", new ByteArrayContent(Tiny.Picture), Cancelled);
        await server.Client.PostAsync("api/classify", new ByteArrayContent("text"u8.ToArray()), Cancelled);
        server.Terminate();
        Assert.Equal(0, await server.ExitCodeAsync(Cancelled));

        foreach (string span in (string[])["decode", "preprocess", "inference", "POST /api/classify", "resnetfunctions"])
            Assert.Contains(span, received["traces"]);
        foreach (string metric in (string[])
            ["resnet.queue.wait", "resnet.decode.duration", "resnet.preprocess.duration", "resnet.inference.duration",
             "resnet.rejections", "unsupported-format", "http.server.request.duration"])
        {
            Assert.Contains(metric, received["metrics"]);
        }
        Assert.Contains("unsupported-format", received["logs"]);
        Assert.DoesNotContain("secret", string.Concat(received.Values));
    }
}
