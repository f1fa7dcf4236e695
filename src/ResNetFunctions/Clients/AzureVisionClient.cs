using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Dialects;

namespace ResNetFunctions.Clients;

internal sealed class AzureVisionClient(AzureVision dialect)
{
    [Function("AzureVisionTag")]
    public Task<IResult> TagAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = AzureVision.TagRoute)] HttpRequest request,
        CancellationToken cancellationToken) =>
        dialect.PostTagAsync(request, cancellationToken);
}
