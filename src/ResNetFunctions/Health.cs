using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions;

/// <summary><c>GET /api/health/live</c> and <c>/api/health/ready</c></summary>
internal sealed class Health(HealthEndpoint endpoint)
{
    [Function("HealthLive")]
    public Task<IResult> LiveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/health/live")] HttpRequest request) =>
        endpoint.GetLiveAsync(request);

    [Function("HealthReady")]
    public Task<IResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/health/ready")] HttpRequest request,
        CancellationToken cancellationToken) =>
        endpoint.GetReadyAsync(request, cancellationToken);
}
