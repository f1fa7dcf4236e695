using System.Diagnostics.Metrics;
using ResNetFunctions.Inference.Diagnostics;

namespace ResNetFunctions.Api.Blobs;

internal static class BlobMetrics
{
    private static readonly Counter<long> Results = Telemetry.Meter.CreateCounter<long>(
        "resnet.blob.results", "{result}", "Results written, by status: classified, rejected, failed.");

    public static void CountResult(string status) => Results.Add(1, new KeyValuePair<string, object?>("status", status));
}
