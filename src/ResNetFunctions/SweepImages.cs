using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Queue;

namespace ResNetFunctions;

/// <summary>Starts a walk for uploads that no event or scan reported.</summary>
internal sealed class SweepImages(ImageSweep sweep)
{
    [Function(nameof(SweepImages))]
    public Task RunAsync([TimerTrigger("0 0 3 * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        sweep.StartAsync(cancellationToken);
}
