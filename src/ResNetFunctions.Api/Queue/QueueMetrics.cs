using System.Diagnostics.Metrics;
using ResNetFunctions.Inference.Diagnostics;

namespace ResNetFunctions.Api.Queue;

internal static class QueueMetrics
{
    private static readonly Histogram<double> Wait = Telemetry.Meter.CreateHistogram(
        "resnet.work.wait", "s", "From finding an image until its message is received.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 10, 60, 300, 900, 3600, 14_400, 86_400] });

    private static readonly Counter<long> Poison = Telemetry.Meter.CreateCounter<long>(
        "resnet.work.poison", "{message}", "Messages that were put into a poison queue by the app itself.");

    public static void Waited(DateTimeOffset found) => Wait.Record(Math.Max(0, (DateTimeOffset.UtcNow - found).TotalSeconds));

    public static void CountPoison(string queue) => Poison.Add(1, new KeyValuePair<string, object?>("queue", queue));
}
