using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions;

/// <summary><c>GET /api/models</c></summary>
internal sealed class ListModels(ModelsEndpoint endpoint)
{
    [Function(nameof(ListModels))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models")] HttpRequest request) =>
        endpoint.GetAsync(request);
}
