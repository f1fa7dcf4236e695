using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>The two queues of the images' account.</summary>
internal sealed class WorkQueues(ImageStorage storage, BlobsOptions options, ILogger<WorkQueues> logger)
{
    public MessageQueue Images { get; } = new(() => storage.Queues, options.WorkQueue, logger);

    public MessageQueue Walks { get; } = new(() => storage.Queues, options.WalkQueue, logger);
}
