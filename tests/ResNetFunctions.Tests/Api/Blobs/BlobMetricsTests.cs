using System.Diagnostics.Metrics;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Tests.Api.Blobs;

public sealed class BlobMetricsTests
{
    // Names that the deployed alert asks for (infra/app/contract.bicep).
    [Fact]
    public void CountResult_Failed_IsWhatTheAlertReads()
    {
        List<(string Meter, string Name, long Value, object? Status)> seen = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "ResNetFunctions")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (seen)
                seen.Add((instrument.Meter.Name, instrument.Name, value, tags[0].Key == "status" ? tags[0].Value : null));
        });
        listener.Start();

        BlobMetrics.CountResult("failed");

        Assert.Contains(("ResNetFunctions", "resnet.blob.results", 1L, (object?)"failed"), seen);
    }
}
