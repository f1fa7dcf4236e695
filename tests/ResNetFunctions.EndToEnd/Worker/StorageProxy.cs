using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>Stands between a worker and Azurite, and can hold a request up.</summary>
internal sealed class StorageProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _azurite = new(new SocketsHttpHandler { UseProxy = false });
    private readonly ConcurrentQueue<string> _requests = new();
    private int _number;

    private StorageProxy(WebApplication app) => _app = app;

    /// <summary>Before the request of that number, from 1, is passed on.</summary>
    public Func<int, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Before a request is passed on: its method and path.</summary>
    public Func<string, string, Task> BeforeRequest { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>How often storage took each result, by path, without pending ones.</summary>
    public ConcurrentDictionary<string, int> ResultsWritten { get; } = new();

    /// <summary>The requests so far.</summary>
    public IEnumerable<string> Requests => _requests;

    /// <summary>Azurite's connection string, by way of the proxy.</summary>
    public string ConnectionString { get; private set; } = "";

    public static async Task<StorageProxy> StartAsync(string azurite)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var proxy = new StorageProxy(app);
        Dictionary<string, string> parts = azurite.TrimEnd(';').Split(';').Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        var real = new Uri(parts["BlobEndpoint"]);
        app.Run(context => proxy.ForwardAsync(context, real));
        await app.StartAsync();
        parts["BlobEndpoint"] = app.Urls.Single() + real.AbsolutePath;
        proxy.ConnectionString = string.Join(';', parts.Select(part => $"{part.Key}={part.Value}"));
        return proxy;
    }

    private async Task ForwardAsync(HttpContext context, Uri real)
    {
        _requests.Enqueue($"{context.Request.Method} {context.Request.Path}");
        await Before(Interlocked.Increment(ref _number));
        await BeforeRequest(context.Request.Method, context.Request.Path);
        string target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"{real.GetLeftPart(UriPartial.Authority)}{target}");
        if (context.Request.ContentLength is { } length)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.ContentLength = length;
        }
        foreach (var (name, value) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Content-Length")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
        }
        // Storage may take what a process sent before it was killed: the answer is waited for all the same.
        using HttpResponseMessage response = await _azurite.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
        if (response.StatusCode == HttpStatusCode.Created
            && context.Request.Headers.TryGetValue("x-ms-meta-resnet_status", out var status) && status != "pending")
        {
            ResultsWritten.AddOrUpdate(context.Request.Path, 1, (_, times) => times + 1);
        }
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => header.Key is not "Transfer-Encoding"))
            context.Response.Headers[name] = values.ToArray();
        if (request.Method != HttpMethod.Head && response.StatusCode != HttpStatusCode.NotModified)
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _azurite.Dispose();
    }
}
