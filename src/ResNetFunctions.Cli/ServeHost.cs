using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Cli;

/// <summary>The web application that <c>serve</c> runs.</summary>
internal static class ServeHost
{
    /// <summary>Builds it; the caller starts it and disposes it.</summary>
    public static WebApplication Build(ResNetOptions options, Classifier classifier, string urls)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // The handlers count, so that the answer is theirs.
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddProblemDetails();
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. options.Cors]).AllowAnyHeader().WithMethods("GET", "POST").WithExposedHeaders("x-correlation-id", "retry-after")));
        builder.Services.AddResNet(options, new Lazy<Classifier>(classifier));

        WebApplication app = builder.Build();
        app.UseStatusCodePages();
        app.UseCors();
        app.MapResNet(options);
        return app;
    }
}
