using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using ResNetFunctions.Api;
using ResNetFunctions.Inference.Diagnostics;

namespace ResNetFunctions;

/// <summary>Sends the worker's telemetry to Application Insights or a collector.</summary>
internal static class WorkerTelemetry
{
    /// <summary>Exports if APPLICATIONINSIGHTS_CONNECTION_STRING or OTEL_EXPORTER_OTLP_ENDPOINT is set: with host.json's
    /// telemetryMode the host then leaves the worker's telemetry to the worker.</summary>
    public static IServiceCollection AddWorkerTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        string? insights = configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"];
        if (string.IsNullOrEmpty(insights) && string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return services;

        IOpenTelemetryBuilder telemetry = services.AddResNetTelemetry(configuration).AddOpenTelemetry().UseFunctionsWorkerDefaults();
        if (string.IsNullOrEmpty(insights))
            return services;

        telemetry
            .WithTracing(traces => traces.AddSource(Telemetry.Name))
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name))
            .UseAzureMonitorExporter(monitor =>
            {
                monitor.ConnectionString = insights;
                monitor.Credential = Credential(configuration["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]);
            });
        return services;
    }

    // `ClientId=…;Authorization=AAD`, as the host reads it: a user-assigned identity, or the app's own without ClientId.
    private static ManagedIdentityCredential? Credential(string? setting)
    {
        Dictionary<string, string> parts = (setting ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2)).Where(part => part.Length == 2)
            .ToDictionary(part => part[0].Trim(), part => part[1].Trim(), StringComparer.OrdinalIgnoreCase);
        if (!parts.TryGetValue("Authorization", out string? kind) || !kind.Equals("AAD", StringComparison.OrdinalIgnoreCase))
            return null;
        return new ManagedIdentityCredential(parts.TryGetValue("ClientId", out string? clientId)
            ? ManagedIdentityId.FromUserAssignedClientId(clientId)
            : ManagedIdentityId.SystemAssigned);
    }
}
