using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ResNetFunctions.Api.Dialects;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Api.Page;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Hosting;

/// <summary>All HTTP routes on an ASP.NET Core host, as on the Functions host.</summary>
public static class Routes
{
    private static readonly string[] GetOrHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Registers the handlers.</summary>
    public static IServiceCollection AddResNet(this IServiceCollection services, ResNetOptions options, Lazy<Classifier> classifier) =>
        services
            .AddSingleton(options)
            .AddSingleton(classifier)
            .AddSingleton<ByteBudget>()
            .AddSingleton<ClassifyEndpoint>()
            .AddSingleton<ModelsEndpoint>()
            .AddSingleton<HealthEndpoint>()
            .AddDialects(new DialectKey(options.ApiKey, isNeeded: false));

    /// <summary>Maps the routes below <c>/api</c> and those of the dialects.</summary>
    public static IEndpointRouteBuilder MapResNet(this IEndpointRouteBuilder app, ResNetOptions options)
    {
        RouteGroupBuilder api = app.MapGroup("/api");
        api.MapPost("/classify", (ClassifyEndpoint classify, HttpRequest request, CancellationToken cancellationToken) =>
                classify.PostAsync(request, cancellationToken))
            .AddEndpointFilter(new ApiKeyFilter(options.ApiKey));
        api.MapMethods("/models", GetOrHead, (ModelsEndpoint models, HttpRequest request) => models.GetAsync(request));
        api.MapMethods("/health/live", GetOrHead, (HealthEndpoint health, HttpRequest request) => health.GetLiveAsync(request));
        api.MapMethods("/health/ready", GetOrHead, (HealthEndpoint health, HttpRequest request, CancellationToken cancellationToken) =>
            health.GetReadyAsync(request, cancellationToken));
        api.MapMethods("/openapi.json", GetOrHead, (HttpRequest request) => OpenApiEndpoint.Get(request));
        api.MapMethods("/ui/{*path}", GetOrHead, (HttpRequest request) => PageEndpoint.Get(request));
        app.MapMethods("/", GetOrHead, () => Results.Redirect("api/ui"));
        app.MapDialects();
        return app;
    }
}
