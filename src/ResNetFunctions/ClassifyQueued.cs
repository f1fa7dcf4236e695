using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Queue;

namespace ResNetFunctions;

/// <summary>The images of each message that a walk put into the queue, on as many instances as the platform adds for it.</summary>
internal sealed class ClassifyQueued(QueuedImages images)
{
    [Function(nameof(ClassifyQueued))]
    public Task RunAsync(
        [QueueTrigger("image-work", Connection = "ImageStorage")] string message,
        FunctionContext context, CancellationToken cancellationToken) =>
        images.ProcessAsync(message, Delivery.Of(context), cancellationToken);
}
