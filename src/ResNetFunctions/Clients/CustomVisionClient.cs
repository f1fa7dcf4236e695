using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Dialects;

namespace ResNetFunctions.Clients;

internal sealed class CustomVisionClient(CustomVision dialect)
{
    [Function("CustomVisionImage")]
    public Task<IResult> ImageAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = CustomVision.ImageRoute)] HttpRequest request,
        CancellationToken cancellationToken) =>
        dialect.PostImageAsync(request, cancellationToken);

    [Function("CustomVisionUrl")]
    public Task<IResult> UrlAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = CustomVision.UrlRoute)] HttpRequest request,
        CancellationToken cancellationToken) =>
        dialect.PostUrlAsync(request, cancellationToken);
}
