using System.Diagnostics.Metrics;

namespace ResNetFunctions.Api.Blobs;

internal static class BlobMetrics
{
    private static readonly Meter Meter = new("ResNetFunctions");

    private static readonly Counter<long> Results =
        Meter.CreateCounter<long>("resnet.blob.results", description: "Results written, by status: classified, rejected, failed.");

    public static void CountResult(string status) => Results.Add(1, new KeyValuePair<string, object?>("status", status));
}
