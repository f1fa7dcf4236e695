using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Queue;

namespace ResNetFunctions;

/// <summary>Continues a walk that a sweep or a backfill started.</summary>
internal sealed class WalkImages(QueuedWalks walks)
{
    [Function(nameof(WalkImages))]
    public Task RunAsync(
        [QueueTrigger("image-work-walks", Connection = "ImageStorage")] string message,
        FunctionContext context, CancellationToken cancellationToken) =>
        walks.ProcessAsync(message, Delivery.Of(context), cancellationToken);
}
