using System.Diagnostics;
using Azure;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Queue;

/// <summary>Lists a container and puts the images that need work into the queue, for some minutes. Then a message continues
/// the walk. If the process ends, it continues from the last checkpoint.</summary>
public sealed partial class QueuedWalks
{
    private const int MaxFailures = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CountsEvery = TimeSpan.FromSeconds(2);

    private readonly ImageStorage _storage;
    private readonly BlobClassifier _classifier;
    private readonly BlobsOptions _options;
    private readonly WorkQueues _queues;
    private readonly WalkStore _walks;
    private readonly ILogger _logger;

    internal QueuedWalks(
        ImageStorage storage, BlobClassifier classifier, BlobsOptions options, WorkQueues queues, WalkStore walks, ILogger<QueuedWalks> logger) =>
        (_storage, _classifier, _options, _queues, _walks, _logger) = (storage, classifier, options, queues, walks, logger);

    /// <summary>How long one message is processed: well below host.json's functionTimeout.</summary>
    internal TimeSpan Budget { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Processes a message; the caller then deletes it.</summary>
    /// <param name="text">The message.</param>
    /// <param name="delivery">How often it has been delivered, from 1.</param>
    /// <param name="cancellationToken">Ends after the current step.</param>
    public async Task ProcessAsync(string text, long delivery, CancellationToken cancellationToken)
    {
        if (WalkMessage.Read(text) is not { } id)
        {
            await _queues.Walks.PoisonAsync(text, "can't be read", CancellationToken.None).ConfigureAwait(false);
            return;
        }
        if (await _walks.ReadAsync(id, CancellationToken.None).ConfigureAwait(false) is not { State.Status: WalkStatus.Listing } stored)
            return;
        if (delivery > 1)
        {
            // A walk that makes progress is not poison, however often its process ends.
            await _walks.ContinueAsync(id, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        // The last writer owns the walk. Another worker on it stops at its next checkpoint.
        if (await _walks.WriteAsync(stored.State, stored, CancellationToken.None).ConfigureAwait(false) is not { } claimed)
            return;
        var progress = new WalkProgress(claimed, _walks, _queues.Images);
        try
        {
            TimeSpan? continueAfter = await WalkAsync(progress, cancellationToken).ConfigureAwait(false);
            if (continueAfter is { } delay && !progress.IsLost)
                await _walks.ContinueAsync(id, delay, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await FailAsync(progress.Stored, e).ConfigureAwait(false);
        }
    }

    // Returns after which delay the walk continues; null: not at all.
    private async Task<TimeSpan?> WalkAsync(WalkProgress progress, CancellationToken stop)
    {
        WalkState walk = progress.Stored.State;
        long began = Stopwatch.GetTimestamp(), counted = 0;
        bool separate = _storage.Results is not null;
        var listing = new ImageWalk(_storage.Container(walk.Container), _storage.Results, walk.Prefix, walk.Next);
        await foreach (ListedImage image in listing.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (image.Image is null)
                progress.CountOrphan();
            else if (image.ReasonToSkip(separate) is { } reason)
                progress.Skip(reason);
            else if (walk.Before is { } before && image.Image.Properties.LastModified > before)
                progress.CountRecent();
            else if (await _classifier.NeedsWorkAsync(walk.Rule, image.Metadata, image.ETag, CancellationToken.None).ConfigureAwait(false))
                progress.Enqueue(image.Name, image.Metadata is { Status: ResultMetadata.Pending } pending ? pending.Attempts : 0);
            else
                progress.CountDone();

            bool isTimeUp = stop.IsCancellationRequested || Stopwatch.GetElapsedTime(began) > Budget;
            if ((!progress.IsFull && !isTimeUp) || listing.IsAtEnd)
                continue;
            if (!await progress.SaveAsync(listing.Position, WalkStatus.Listing).ConfigureAwait(false))
                return null;
            if (isTimeUp)
                return TimeSpan.Zero;
            if (counted == 0 || Stopwatch.GetElapsedTime(counted) > CountsEvery)
            {
                if (await _queues.Images.CountAsync(CancellationToken.None).ConfigureAwait(false) > _options.WorkQueueLimit)
                    return Pause;
                counted = Stopwatch.GetTimestamp();
            }
        }
        if (await progress.SaveAsync(null, WalkStatus.Listed).ConfigureAwait(false))
            LogListed(walk.Id, progress.Stored.State.Listed, progress.Stored.State.Enqueued, progress.Stored.State.Skipped.Line() ?? "");
        return null;
    }

    private async Task FailAsync(WalkStore.Stored stored, Exception e)
    {
        int failures = stored.State.Failures + 1;
        bool isOver = failures >= MaxFailures
            || StorageError.Cause(e) is RequestFailedException { Status: 404 } or UnavailableException { Code: ErrorCode.Misconfigured };
        LogFailed(e, stored.State.Id, failures);
        WalkState walk = stored.State with
        {
            Failures = failures,
            Status = isOver ? WalkStatus.Failed : WalkStatus.Listing,
            Error = StorageError.OneLine(e),
        };
        if (await _walks.WriteAsync(walk, stored, CancellationToken.None).ConfigureAwait(false) is not null && !isOver)
            await _walks.ContinueAsync(walk.Id, Pause, CancellationToken.None).ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Information, "The walk {Walk} is done: {Listed} images listed, {Enqueued} put into the queue. {Skipped}")]
    private partial void LogListed(string walk, long listed, long enqueued, string skipped);

    [LoggerMessage(2, LogLevel.Error, "The walk {Walk} failed, {Failures} times in a row; it stops after 5.")]
    private partial void LogFailed(Exception e, string walk, int failures);
}
