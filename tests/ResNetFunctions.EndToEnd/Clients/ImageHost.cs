using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ResNetFunctions.EndToEnd.Clients;

/// <summary>An https host of images on this machine, with its own certificate.</summary>
internal sealed class ImageHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ImageHost(WebApplication app, string certificate)
    {
        _app = app;
        CertificateFile = certificate;
    }

    /// <summary>Its name in UrlHosts.</summary>
    public string Name => $"localhost:{new Uri(_app.Urls.Single()).Port}";

    public string CertificateFile { get; }

    /// <summary>How often a redirect's target was requested.</summary>
    public int Followed { get; private set; }

    public string UrlOf(string path) => $"https://{Name}/{path}";

    public static async Task<ImageHost> StartAsync(string folder, byte[] image)
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string file = Path.Combine(folder, "localhost.pem");
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate)));
        var host = new ImageHost(builder.Build(), file);
        host._app.MapGet("/image", () => Results.Bytes(image, "image/jpeg"));
        host._app.MapGet("/text", () => "no picture");
        host._app.MapGet("/redirect", () => Results.Redirect("/followed"));
        host._app.MapGet("/followed", () =>
        {
            host.Followed++;
            return Results.Bytes(image);
        });
        host._app.MapGet("/endless", async (HttpResponse response, CancellationToken gone) =>
        {
            byte[] some = new byte[1 << 16];
            while (!gone.IsCancellationRequested)
                await response.Body.WriteAsync(some, gone);
        });
        host._app.MapGet("/stalled", async (HttpResponse response, CancellationToken gone) =>
        {
            await response.Body.WriteAsync(image.AsMemory(0, 100), gone);
            await response.Body.FlushAsync(gone);
            await Task.Delay(Timeout.Infinite, gone);
        });
        await host._app.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
