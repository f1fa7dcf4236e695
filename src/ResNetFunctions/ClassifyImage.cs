using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions;

/// <summary><c>POST /api/classify</c></summary>
internal sealed class ClassifyImage(ClassifyEndpoint endpoint)
{
    [Function(nameof(ClassifyImage))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/classify")] HttpRequest request,
        CancellationToken cancellationToken) =>
        endpoint.PostAsync(request, cancellationToken);
}
