using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Dialects;

namespace ResNetFunctions.Clients;

internal sealed class HuggingFaceClient(HuggingFace dialect)
{
    [Function("HuggingFaceModel")]
    public Task<IResult> ModelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = HuggingFace.ModelRoute)] HttpRequest request,
        CancellationToken cancellationToken) =>
        dialect.PostAsync(request, cancellationToken);
}
