using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Queue;

/// <summary>Starts walks for images that a trigger missed, one at a time.</summary>
public sealed partial class ImageSweep
{
    // A walk writes its blob at each step and pause. After this time its message is lost. Continuing it twice does no harm.
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(15);

    // Waiting images would be found again, so the sweep waits for them, but not for ever.
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);

    private readonly WalkStore _walks;
    private readonly WorkQueues _queues;
    private readonly BlobClassifier _classifier;
    private readonly BlobsOptions _options;
    private readonly ILogger _logger;

    internal ImageSweep(WalkStore walks, WorkQueues queues, BlobClassifier classifier, BlobsOptions options, ILogger<ImageSweep> logger) =>
        (_walks, _queues, _classifier, _options, _logger) = (walks, queues, classifier, options, logger);

    /// <summary>Starts a walk, unless the last one is still listing or its images are waiting, or there is no
    /// model.</summary>
    /// <exception cref="UnavailableException">The settings are invalid.</exception>
    /// <exception cref="Azure.RequestFailedException">Storage failed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _classifier.ModelAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (UnavailableException e) when (e.Code == ErrorCode.ModelUnavailable)
        {
            LogNoModel(e.Message);
            return;
        }

        string id = $"sweep-{_options.ImagesContainer}";
        DateTimeOffset now = DateTimeOffset.UtcNow;
        WalkStore.Stored? last = await _walks.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        if (last is { State.Status: WalkStatus.Listing })
        {
            if (now - last.State.Updated > StaleAfter)
                await _walks.ContinueAsync(id, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (last is not null && now - last.State.Started < MaxWait
            && await _queues.Images.CountAsync(cancellationToken).ConfigureAwait(false) > 0)
        {
            return;
        }
        await _walks.StartAsync(
            new WalkState { Id = id, Container = _options.ImagesContainer, Before = now - _options.SweepMinimumAge }, last, cancellationToken)
            .ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Error, "The sweep did nothing, because there is no model: {Detail}")]
    private partial void LogNoModel(string detail);
}
