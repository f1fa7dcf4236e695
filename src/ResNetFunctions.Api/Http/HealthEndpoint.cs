using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary><c>GET /api/health/live</c> and <c>/api/health/ready</c>.</summary>
public sealed class HealthEndpoint(
    Lazy<Classifier> classifier, IHostApplicationLifetime lifetime, ILogger<HealthEndpoint> logger)
{
    /// <summary>200 as long as the process runs.</summary>
    public Task<IResult> GetLiveAsync(HttpRequest request) =>
        Answer.FromAsync(request, logger, () => Task.FromResult(Status("live", StatusCodes.Status200OK)));

    /// <summary>200 once the default model has run; the first probe loads it. 503 before that and during shutdown.</summary>
    public Task<IResult> GetReadyAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Answer.FromAsync(request, logger, async () =>
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                return Status("stopping", StatusCodes.Status503ServiceUnavailable);
            if (!classifier.Value.IsReady)
                await classifier.Value.WarmUpAsync(null, cancellationToken).ConfigureAwait(false);
            return Status("ready", StatusCodes.Status200OK);
        });

    private static IResult Status(string status, int code) =>
        Answer.Json(new HealthStatus(status), ApiJson.Default.HealthStatus, code);
}

/// <summary>live, ready or stopping.</summary>
public sealed record HealthStatus(string Status);
