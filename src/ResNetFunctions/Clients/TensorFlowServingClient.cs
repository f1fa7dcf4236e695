using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Dialects;

namespace ResNetFunctions.Clients;

internal sealed class TensorFlowServingClient(TensorFlowServing dialect)
{
    [Function("TensorFlowServingModel")]
    public Task<IResult> ModelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = TensorFlowServing.ModelRoute)] HttpRequest request) =>
        dialect.GetModelAsync(request);

    [Function("TensorFlowServingPredict")]
    public Task<IResult> PredictAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = TensorFlowServing.PredictRoute)] HttpRequest request,
        CancellationToken cancellationToken) =>
        dialect.PredictAsync(request, cancellationToken);
}
