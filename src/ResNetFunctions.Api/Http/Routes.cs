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
        api.MapGet("/models", (ModelsEndpoint models, HttpRequest request) => models.GetAsync(request));
        api.MapGet("/health/live", (HealthEndpoint health, HttpRequest request) => health.GetLiveAsync(request));
        api.MapGet("/health/ready", (HealthEndpoint health, HttpRequest request, CancellationToken cancellationToken) =>
            health.GetReadyAsync(request, cancellationToken));
        api.MapGet("/openapi.json", (HttpRequest request) => OpenApiEndpoint.Get(request));
        api.MapMethods("/ui/{*path}", [HttpMethods.Get, HttpMethods.Head], (HttpRequest request) => PageEndpoint.Get(request));
        app.MapGet("/", () => Results.Redirect("api/ui"));
        return app;
    }
}
