using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Queue;

namespace ResNetFunctions;

/// <summary>Classifies the images of a queue message.</summary>
internal sealed class ClassifyQueued(QueuedImages images)
{
    [Function(nameof(ClassifyQueued))]
    public Task RunAsync(
        [QueueTrigger("image-work", Connection = "ImageStorage")] string message,
        FunctionContext context, CancellationToken cancellationToken) =>
        images.ProcessAsync(message, Delivery.Of(context), cancellationToken);
}
