using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Queue;

namespace ResNetFunctions;

/// <summary><c>POST /api/backfills</c>, <c>GET</c> and <c>DELETE /api/backfills/{id}</c></summary>
internal sealed class Backfills(BackfillsEndpoint endpoint)
{
    [Function("StartBackfill")]
    public Task<IResult> PostAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/backfills")] HttpRequest request,
        CancellationToken cancellationToken) =>
        endpoint.PostAsync(request, cancellationToken);

    [Function("GetBackfill")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/backfills/{id}")] HttpRequest request,
        CancellationToken cancellationToken) =>
        endpoint.GetAsync(request, cancellationToken);

    [Function("StopBackfill")]
    public Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/backfills/{id}")] HttpRequest request,
        CancellationToken cancellationToken) =>
        endpoint.DeleteAsync(request, cancellationToken);
}
