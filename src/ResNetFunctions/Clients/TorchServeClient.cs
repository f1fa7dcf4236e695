using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Dialects;

namespace ResNetFunctions.Clients;

internal sealed class TorchServeClient(TorchServe dialect)
{
    [Function("TorchServePing")]
    public Task<IResult> PingAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = TorchServe.PingRoute)] HttpRequest request) =>
        dialect.PingAsync(request);

    [Function("TorchServePredictions")]
    public Task<IResult> PredictionsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", "put", Route = TorchServe.PredictionsRoute)] HttpRequest request,
        CancellationToken cancellationToken) =>
        dialect.PostAsync(request, cancellationToken);
}
