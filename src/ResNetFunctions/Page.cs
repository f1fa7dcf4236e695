using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Page;

namespace ResNetFunctions;

/// <summary><c>GET /api/ui</c> and the page's files below it</summary>
internal static class Page
{
    [Function(nameof(Page))]
    public static IResult Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/ui/{*path}")] HttpRequest request) =>
        PageEndpoint.Get(request);
}
