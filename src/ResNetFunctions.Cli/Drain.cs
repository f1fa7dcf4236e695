using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Cli;

/// <summary>Stops in order: new requests are refused, running ones are finished, then the ports are closed. The host's
/// ShutdownTimeout limits it.</summary>
internal sealed class Drain(IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    private int _running;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested && HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.RetryAfter = "1";
            context.Response.Headers.Connection = "close";
            await Answer.Problem(ErrorCode.Overloaded, "The server is stopping.").ExecuteAsync(context);
            return;
        }

        Interlocked.Increment(ref _running);
        try
        {
            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _running) > 0 && !cancellationToken.IsCancellationRequested)
            await Task.Delay(50, CancellationToken.None);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
