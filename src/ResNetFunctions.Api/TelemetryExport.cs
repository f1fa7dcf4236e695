using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Source = ResNetFunctions.Inference.Diagnostics.Telemetry;

namespace ResNetFunctions.Api;

/// <summary>Sends traces, metrics and logs to an OpenTelemetry collector.</summary>
public static class TelemetryExport
{
    /// <summary>Exports by OTLP if OTEL_EXPORTER_OTLP_ENDPOINT is set. Without it, OpenTelemetry is not loaded.</summary>
    public static IServiceCollection AddResNetTelemetry(this IServiceCollection services, IConfiguration configuration) =>
        string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) ? services : AddExport(services, configuration);

    private static IServiceCollection AddExport(IServiceCollection services, IConfiguration configuration)
    {
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry();
        if (string.IsNullOrEmpty(configuration["OTEL_SERVICE_NAME"]))
            telemetry.ConfigureResource(resource => resource.AddService("resnetfunctions"));
        telemetry
            .WithTracing(traces => traces.AddAspNetCoreInstrumentation().AddSource(Source.Name))
            .WithMetrics(metrics => metrics
                .AddMeter(Source.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"))
            .WithLogging()
            .UseOtlpExporter();
        return services;
    }
}
