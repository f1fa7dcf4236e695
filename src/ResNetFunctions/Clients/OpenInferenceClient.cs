using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Dialects;

namespace ResNetFunctions.Clients;

internal sealed class OpenInferenceClient(OpenInference dialect)
{
    [Function("OpenInferenceServer")]
    public Task<IResult> ServerAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = OpenInference.ServerRoute)] HttpRequest request) =>
        dialect.GetServerAsync(request);

    [Function("OpenInferenceLive")]
    public Task<IResult> LiveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = OpenInference.LiveRoute)] HttpRequest request) =>
        dialect.GetLiveAsync(request);

    [Function("OpenInferenceReady")]
    public Task<IResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = OpenInference.ReadyRoute)] HttpRequest request,
        CancellationToken cancellationToken) =>
        dialect.GetReadyAsync(request, cancellationToken);

    [Function("OpenInferenceModel")]
    public Task<IResult> ModelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = OpenInference.ModelRoute)] HttpRequest request) =>
        dialect.GetModelAsync(request);

    [Function("OpenInferenceModelReady")]
    public Task<IResult> ModelReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = OpenInference.ModelReadyRoute)] HttpRequest request) =>
        dialect.GetModelReadyAsync(request);

    [Function("OpenInferenceInfer")]
    public Task<IResult> InferAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = OpenInference.InferRoute)] HttpRequest request,
        CancellationToken cancellationToken) =>
        dialect.InferAsync(request, cancellationToken);
}
