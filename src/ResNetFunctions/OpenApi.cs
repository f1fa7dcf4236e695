using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions;

/// <summary><c>GET /api/openapi.json</c></summary>
internal static class OpenApi
{
    [Function(nameof(OpenApi))]
    public static IResult Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/openapi.json")] HttpRequest request) =>
        OpenApiEndpoint.Get(request);
}
