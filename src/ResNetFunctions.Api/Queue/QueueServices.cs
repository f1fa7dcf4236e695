using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>Registers the work queue.</summary>
public static class QueueServices
{
    /// <summary>Makes no request and does not throw, whatever the settings are.</summary>
    public static IServiceCollection AddWorkQueue(this IServiceCollection services) => services
        .AddSingleton<WorkQueues>()
        .AddSingleton<WalkStore>()
        .AddSingleton(all => new QueuedImages(
            all.GetRequiredService<ImageStorage>(), all.GetRequiredService<BlobClassifier>(), all.GetRequiredService<WorkQueues>(),
            all.GetRequiredService<WalkStore>(), all.GetRequiredService<ILogger<QueuedImages>>()))
        .AddSingleton(all => new QueuedWalks(
            all.GetRequiredService<ImageStorage>(), all.GetRequiredService<BlobClassifier>(), all.GetRequiredService<BlobsOptions>(),
            all.GetRequiredService<WorkQueues>(), all.GetRequiredService<WalkStore>(), all.GetRequiredService<ILogger<QueuedWalks>>()))
        .AddSingleton(all => new ImageSweep(
            all.GetRequiredService<WalkStore>(), all.GetRequiredService<WorkQueues>(), all.GetRequiredService<BlobClassifier>(),
            all.GetRequiredService<BlobsOptions>(), all.GetRequiredService<ILogger<ImageSweep>>()))
        .AddSingleton(all => new BackfillsEndpoint(
            all.GetRequiredService<WalkStore>(), all.GetRequiredService<WorkQueues>(), all.GetRequiredService<BlobsOptions>(),
            all.GetRequiredService<ILogger<BackfillsEndpoint>>()));
}
