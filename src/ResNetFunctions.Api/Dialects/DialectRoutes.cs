using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ResNetFunctions.Api.Dialects;

/// <summary>The routes of all dialects, from the root as on the Functions host.</summary>
internal static class DialectRoutes
{
    private static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] PostOrPut = [HttpMethods.Post, HttpMethods.Put];

    public static IServiceCollection AddDialects(this IServiceCollection services, DialectKey key) =>
        services
            .AddSingleton(key)
            .AddSingleton<DialectHost>()
            .AddSingleton<Http.ImageFetch>()
            .AddSingleton<CustomVision>()
            .AddSingleton<AzureVision>()
            .AddSingleton<OpenInference>()
            .AddSingleton<TensorFlowServing>()
            .AddSingleton<TorchServe>()
            .AddSingleton<HuggingFace>();

    public static void MapDialects(this IEndpointRouteBuilder app)
    {
        app.MapPost(CustomVision.ImageRoute, (CustomVision dialect, HttpRequest request, CancellationToken cancellationToken) =>
            dialect.PostImageAsync(request, cancellationToken));
        app.MapPost(CustomVision.UrlRoute, (CustomVision dialect, HttpRequest request, CancellationToken cancellationToken) =>
            dialect.PostUrlAsync(request, cancellationToken));

        app.MapPost(AzureVision.TagRoute, (AzureVision dialect, HttpRequest request, CancellationToken cancellationToken) =>
            dialect.PostTagAsync(request, cancellationToken));

        app.MapMethods(OpenInference.ServerRoute, GetOrHead, (OpenInference dialect, HttpRequest request) => dialect.GetServerAsync(request));
        app.MapMethods(OpenInference.LiveRoute, GetOrHead, (OpenInference dialect, HttpRequest request) => dialect.GetLiveAsync(request));
        app.MapMethods(OpenInference.ReadyRoute, GetOrHead, (OpenInference dialect, HttpRequest request, CancellationToken cancellationToken) =>
            dialect.GetReadyAsync(request, cancellationToken));
        app.MapMethods(OpenInference.ModelRoute, GetOrHead, (OpenInference dialect, HttpRequest request) => dialect.GetModelAsync(request));
        app.MapMethods(OpenInference.ModelReadyRoute, GetOrHead, (OpenInference dialect, HttpRequest request) => dialect.GetModelReadyAsync(request));
        app.MapPost(OpenInference.InferRoute, (OpenInference dialect, HttpRequest request, CancellationToken cancellationToken) =>
            dialect.InferAsync(request, cancellationToken));

        app.MapMethods(TensorFlowServing.ModelRoute, GetOrHead, (TensorFlowServing dialect, HttpRequest request) => dialect.GetModelAsync(request));
        app.MapPost(TensorFlowServing.PredictRoute, (TensorFlowServing dialect, HttpRequest request, CancellationToken cancellationToken) =>
            dialect.PredictAsync(request, cancellationToken));

        app.MapMethods(TorchServe.PingRoute, GetOrHead, (TorchServe dialect, HttpRequest request) => dialect.PingAsync(request));
        app.MapMethods(TorchServe.PredictionsRoute, PostOrPut, (TorchServe dialect, HttpRequest request, CancellationToken cancellationToken) =>
            dialect.PostAsync(request, cancellationToken));

        app.MapPost(HuggingFace.ModelRoute, (HuggingFace dialect, HttpRequest request, CancellationToken cancellationToken) =>
            dialect.PostAsync(request, cancellationToken));
    }
}
