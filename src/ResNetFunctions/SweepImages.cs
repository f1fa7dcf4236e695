using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions;

/// <summary>What no event or scan reported.</summary>
internal sealed class SweepImages(ImageSweep sweep)
{
    // Within host.json's functionTimeout, with a minute for the images in hand.
    private static readonly TimeSpan Budget = TimeSpan.FromMinutes(9);

    [Function(nameof(SweepImages))]
    public Task RunAsync([TimerTrigger("0 0 3 * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        sweep.RunAsync(Budget, cancellationToken);
}
