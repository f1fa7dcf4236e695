using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ResNetFunctions.Tests.Inference.Models;

/// <summary>A site on this machine that serves one file over HTTPS, and under some addresses misbehaves.</summary>
internal sealed class WeightSite : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly byte[] _file;
    private readonly X509Certificate2 _certificate = SelfSigned();
    private readonly ConcurrentQueue<string> _asked = [];

    private WeightSite(byte[] file)
    {
        _file = file;
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate)));
        _app = builder.Build();
        _app.MapGet("/{how}/{name}", AnswerAsync);
    }

    /// <summary>The method of each request, and its first byte.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    /// <summary>The certificate that a client has to trust, in PEM.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    public static async Task<WeightSite> StartAsync(byte[] file)
    {
        var site = new WeightSite(file);
        await site._app.StartAsync();
        return site;
    }

    /// <param name="how">whole: ranges too; rangeless: no ranges; cut: breaks off in the middle; wrong: other bytes; longer:
    /// more bytes; missing: 404; broken: 500.</param>
    /// <param name="name">The file's name.</param>
    public string Url(string how, string name) => $"{_app.Urls.First()}/{how}/{name}";

    /// <summary>A client that trusts this site.</summary>
    public HttpClient CreateClient() => new(new HttpClientHandler
    {
        ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate!.Thumbprint == _certificate.Thumbprint,
    });

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task<IResult> AnswerAsync(string how, HttpContext context)
    {
        long from = context.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
        _asked.Enqueue($"{how} from {from}");
        switch (how)
        {
            case "whole":
                return Results.Bytes(_file, enableRangeProcessing: true);
            case "rangeless":
                return Results.Bytes(_file);
            case "wrong":
                return Results.Bytes([.. _file.Reverse()], enableRangeProcessing: true);
            case "longer":
                return Results.Bytes([.. _file, .. _file]);
            case "missing":
                return Results.NotFound();
            case "cut":
                context.Response.ContentLength = _file.Length;
                await context.Response.Body.WriteAsync(_file.AsMemory(0, _file.Length / 2));
                await context.Response.Body.FlushAsync();
                context.Abort();
                return Results.Empty;
            default:
                return Results.StatusCode(StatusCodes.Status500InternalServerError);
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=weights of the tests", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        // Windows serves TLS only with a key that was loaded so.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
