using System.Diagnostics;
using System.Diagnostics.Metrics;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Inference.Diagnostics;

/// <summary>The classifier's telemetry (OpenTelemetry, dotnet-counters): a meter and an activity source, both named
/// ResNetFunctions. Times are in seconds.</summary>
public static class Telemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "ResNetFunctions";

    // From a stage of a millisecond to the longest wait.
    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly ActivitySource Spans = new(Name);

    /// <summary>The meter.</summary>
    public static Meter Meter { get; } = new(Name);

    internal static readonly UpDownCounter<int> QueueLength = Meter.CreateUpDownCounter<int>(
        "resnet.queue.length", "{request}", "Requests that wait for their turn.");

    internal static readonly Histogram<double> QueueWait = Duration("resnet.queue.wait", "Waiting for a turn, also in vain.");
    internal static readonly Histogram<double> Decode = Duration("resnet.decode.duration", "From bytes to pixels.");
    internal static readonly Histogram<double> Preprocess = Duration("resnet.preprocess.duration", "From pixels to the input tensor.");
    internal static readonly Histogram<double> Inference = Duration("resnet.inference.duration", "The network, softmax and top-k.");

    internal static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>(
        "resnet.batch.size", "{picture}", "Pictures that ran together on a GPU.");

    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>(
        "resnet.rejections", "{image}", "Images and requests that were not answered with predictions, by error.type.");

    /// <summary>Counts images and requests without predictions.</summary>
    /// <param name="code">One of <see cref="ErrorCode"/>.</param>
    public static void Rejected(string code) => Rejections.Add(1, new KeyValuePair<string, object?>("error.type", code));

    /// <param name="name">The span's name.</param>
    /// <param name="histogram">For the time.</param>
    /// <param name="started">From <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="time">How long the stage took.</param>
    /// <param name="tags">The model and the image's format.</param>
    internal static void Stage(string name, Histogram<double> histogram, long started, TimeSpan time, in TagList tags)
    {
        histogram.Record(time.TotalSeconds, tags);
        if (!Spans.HasListeners())
            return;
        DateTimeOffset start = DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(started);
        using Activity? span = Spans.StartActivity(name, ActivityKind.Internal, default(ActivityContext), tags, startTime: start);
        span?.SetEndTime((start + time).UtcDateTime);
    }

    private static Histogram<double> Duration(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, tags: null, Buckets);
}
