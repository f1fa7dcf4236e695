using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Tests.Api.Blobs;

public sealed class BlobMetricsTests
{
    // Names that the deployed alert asks for (infra/app/contract.bicep).
    [Fact]
    public void CountResult_Failed_IsWhatTheAlertReads()
    {
        ConcurrentBag<(long Value, string Tag, object? Status)> seen = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument is { Meter.Name: "ResNetFunctions", Name: "resnet.blob.results" })
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => seen.Add((value, tags[0].Key, tags[0].Value)));
        listener.Start();

        BlobMetrics.CountResult("failed");

        Assert.Contains((1L, "status", (object?)"failed"), seen);
    }
}
