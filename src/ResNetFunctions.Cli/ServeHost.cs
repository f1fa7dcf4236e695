using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Hosting;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Cli.Training;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Cli;

internal static class ServeHost
{
    /// <summary>Builds the web application of <c>serve</c>; the caller starts and disposes it.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="classifier">The classifier.</param>
    /// <param name="urls">Where it listens.</param>
    /// <param name="photos">The folder of the photos for training on the page.</param>
    public static WebApplication Build(ResNetOptions options, Classifier classifier, string urls, string photos = "training")
    {
        options.OffersTraining = true;
        // To notice changes of appsettings.json the builder would watch every folder below the current one.
        var settings = new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(settings);
        builder.WebHost.UseUrls(urls);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(ServerLimits.Apply);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical); // What failed is told in one line.
        builder.Services.Configure<SimpleConsoleFormatterOptions>(console => console.SingleLine = true);
        builder.Services.AddResNetTelemetry(builder.Configuration);
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
            context.ProblemDetails.Extensions.TryAdd("code", CodeOf(context.HttpContext.Response.StatusCode)));
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Drain>());
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. options.Cors]).AllowAnyHeader().WithMethods("GET", "POST").WithExposedHeaders("x-correlation-id", "retry-after")));
        builder.Services.AddResNet(options, new Lazy<Classifier>(classifier));

        WebApplication app = builder.Build();
        app.Use((context, next) =>
        {
            Answer.Correlate(context.Request);
            return next(context);
        });
        app.Use(next => context => app.Services.GetRequiredService<Drain>().InvokeAsync(context, next));
        app.UseStatusCodePages();
        app.UseCors();
        app.MapResNet(options);
        var sets = new PhotoSets(Path.GetFullPath(photos));
        TrainingEndpoints.Map(app, options, new TrainingEndpoints(
            sets, new TrainingRuns(sets, classifier, options), classifier, options,
            app.Services.GetRequiredService<ILogger<TrainingEndpoints>>()));
        return app;
    }

    // For requests without a handler.
    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => "not-found",
        StatusCodes.Status405MethodNotAllowed => "method-not-allowed",
        _ => ErrorCode.BadParameter,
    };
}
