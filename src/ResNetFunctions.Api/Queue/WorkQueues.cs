using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>The two queues of the images' account: of images, and of walks that find them.</summary>
internal sealed class WorkQueues(ImageStorage storage, BlobsOptions options, ILogger<WorkQueues> logger)
{
    /// <summary>Images to classify.</summary>
    public MessageQueue Images { get; } = new(() => storage.Queues, options.WorkQueue, logger);

    /// <summary>Walks to go on with.</summary>
    public MessageQueue Walks { get; } = new(() => storage.Queues, options.WalkQueue, logger);
}
