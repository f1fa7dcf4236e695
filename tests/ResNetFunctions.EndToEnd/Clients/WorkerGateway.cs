using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Http;
using ResNetFunctions.EndToEnd.Worker;

namespace ResNetFunctions.EndToEnd.Clients;

/// <summary>Listens where the Functions host would, and forwards to the worker.</summary>
internal sealed class WorkerGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FunctionsWorker _worker;

    private WorkerGateway(WebApplication app, FunctionsWorker worker)
    {
        _app = app;
        _worker = worker;
    }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<WorkerGateway> StartAsync(FunctionsWorker worker)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(ServerLimits.Apply);
        var gateway = new WorkerGateway(builder.Build(), worker);
        gateway._app.Run(gateway.ForwardAsync);
        await gateway._app.StartAsync();
        return gateway;
    }

    private async Task ForwardAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(_worker.Client.BaseAddress!, context.Request.GetEncodedPathAndQuery()));
        if (context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, values) in context.Request.Headers)
        {
            if (name is not ("Host" or "Transfer-Encoding" or "Expect" or "Connection") && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        using HttpResponseMessage response = await _worker.Client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Connection"))
                context.Response.Headers[name] = values.ToArray();
        }
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        await _worker.DisposeAsync();
    }
}
