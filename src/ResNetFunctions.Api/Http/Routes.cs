using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ResNetFunctions.Api.Page;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>The HTTP surface on any ASP.NET Core host, at the same addresses as on the Functions host.</summary>
public static class Routes
{
    /// <summary>Adds the handlers, around one classifier.</summary>
    public static IServiceCollection AddResNet(this IServiceCollection services, ResNetOptions options, Lazy<Classifier> classifier) =>
        services
            .AddSingleton(options)
            .AddSingleton(classifier)
            .AddSingleton<ClassifyEndpoint>()
            .AddSingleton<ModelsEndpoint>()
            .AddSingleton<HealthEndpoint>();

    /// <summary>Maps the routes below <c>/api</c>.</summary>
    public static IEndpointRouteBuilder MapResNet(this IEndpointRouteBuilder app, ResNetOptions options)
    {
        RouteGroupBuilder api = app.MapGroup("/api");
        api.MapPost("/classify", (ClassifyEndpoint classify, HttpRequest request, CancellationToken cancellationToken) =>
                classify.PostAsync(request, cancellationToken))
            .AddEndpointFilter(new ApiKeyFilter(options.ApiKey));
        MapGet(api, "/models", (ModelsEndpoint models, HttpRequest request) => models.GetAsync(request));
        MapGet(api, "/health/live", (HealthEndpoint health, HttpRequest request) => health.GetLiveAsync(request));
        MapGet(api, "/health/ready", (HealthEndpoint health, HttpRequest request, CancellationToken cancellationToken) =>
            health.GetReadyAsync(request, cancellationToken));
        MapGet(api, "/openapi.json", (HttpRequest request) => OpenApiEndpoint.Get(request));
        MapGet(api, "/ui/{*path}", (HttpRequest request) => PageEndpoint.Get(request));
        MapGet(app, "/", () => Results.Redirect("api/ui"));
        return app;
    }

    // HEAD, which probes and tools ask with, is what GET would answer, without its body.
    private static void MapGet(IEndpointRouteBuilder routes, string pattern, Delegate handler) =>
        routes.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], handler);
}
