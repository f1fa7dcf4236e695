using System.Diagnostics;
using Azure;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Queue;

/// <summary>Walks over a container and puts what needs work into the queue: for some minutes, then a message has it gone on
/// with. Where the process ends, it is gone on with from the last step, a few hundred images before.</summary>
public sealed partial class QueuedWalks
{
    private const int MostFaults = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CountsEvery = TimeSpan.FromSeconds(2);

    private readonly ImageStorage _storage;
    private readonly BlobClassifier _classifier;
    private readonly BlobsOptions _options;
    private readonly WorkQueues _queues;
    private readonly Walks _walks;
    private readonly ILogger _logger;

    internal QueuedWalks(
        ImageStorage storage, BlobClassifier classifier, BlobsOptions options, WorkQueues queues, Walks walks, ILogger<QueuedWalks> logger) =>
        (_storage, _classifier, _options, _queues, _walks, _logger) = (storage, classifier, options, queues, walks, logger);

    /// <summary>How long one message is walked for: well within host.json's functionTimeout.</summary>
    internal TimeSpan Budget { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Works on a message; when it returns, the message is to be removed.</summary>
    /// <param name="text">The message.</param>
    /// <param name="delivery">How often it has been delivered with this time, from 1.</param>
    /// <param name="cancellationToken">Ends after the step in hand.</param>
    public async Task TakeAsync(string text, long delivery, CancellationToken cancellationToken)
    {
        if (WalkMessage.Read(text) is not { } id)
        {
            await _queues.Walks.PoisonAsync(text, "can't be read", CancellationToken.None).ConfigureAwait(false);
            return;
        }
        if (await _walks.ReadAsync(id, CancellationToken.None).ConfigureAwait(false) is not { State.Status: WalkStatus.Listing } held)
            return;
        if (delivery > 1)
        {
            // However often its process ends, a walk that gets on is not poison.
            await _walks.GoOnAsync(id, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        // Who writes last has it: another that still walks it gives up with its next step.
        if (await _walks.WriteAsync(held.State, held, CancellationToken.None).ConfigureAwait(false) is not { } claimed)
            return;
        var steps = new WalkSteps(claimed, _walks, _queues.Images);
        try
        {
            TimeSpan? goesOnAfter = await WalkAsync(steps, cancellationToken).ConfigureAwait(false);
            if (goesOnAfter is { } delay && !steps.IsLost)
                await _walks.GoOnAsync(id, delay, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await FaultAsync(steps.Held, e).ConfigureAwait(false);
        }
    }

    // Returns after which time it is to be gone on with; null: not at all.
    private async Task<TimeSpan?> WalkAsync(WalkSteps steps, CancellationToken stop)
    {
        WalkState walk = steps.Held.State;
        long began = Stopwatch.GetTimestamp(), counted = 0;
        bool apart = _storage.Results is not null;
        var listing = new ImageWalk(_storage.Container(walk.Container), _storage.Results, walk.Prefix, walk.Next);
        await foreach (WalkedImage image in listing.ReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (image.Image is null)
                steps.Pass();
            else if (image.PassedOver(apart) is { } reason)
                steps.PassOver(reason);
            else if (walk.Before is { } before && image.Image.Properties.LastModified > before)
                steps.PassYoung();
            else if (await _classifier.NeedsWorkAsync(walk.Rule, image.Metadata, image.ETag, CancellationToken.None).ConfigureAwait(false))
                steps.Enqueue(image.Name, image.Metadata is { Status: ResultMetadata.Pending } pending ? pending.Attempts : 0);
            else
                steps.PassDone();

            bool isTimeUp = stop.IsCancellationRequested || Stopwatch.GetElapsedTime(began) > Budget;
            if ((!steps.IsFull && !isTimeUp) || listing.IsAtEnd)
                continue;
            if (!await steps.TakeAsync(listing.Position, WalkStatus.Listing).ConfigureAwait(false))
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
        if (await steps.TakeAsync(null, WalkStatus.Listed).ConfigureAwait(false))
            LogListed(walk.Id, steps.Held.State.Listed, steps.Held.State.Enqueued, steps.Held.State.PassedOver.Line() ?? "");
        return null;
    }

    private async Task FaultAsync(Walks.Held held, Exception e)
    {
        int faults = held.State.Faults + 1;
        bool isOver = faults >= MostFaults
            || StorageError.Cause(e) is RequestFailedException { Status: 404 } or UnavailableException { Code: ErrorCode.Misconfigured };
        LogFault(e, held.State.Id, faults);
        WalkState walk = held.State with
        {
            Faults = faults,
            Status = isOver ? WalkStatus.Failed : WalkStatus.Listing,
            Error = StorageError.OneLine(e),
        };
        if (await _walks.WriteAsync(walk, held, CancellationToken.None).ConfigureAwait(false) is not null && !isOver)
            await _walks.GoOnAsync(walk.Id, Pause, CancellationToken.None).ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Information, "The walk {Walk} has listed {Listed} images and put {Enqueued} into the queue. {PassedOver}")]
    private partial void LogListed(string walk, long listed, long enqueued, string passedOver);

    [LoggerMessage(2, LogLevel.Error, "The walk {Walk} went wrong, for the {Fault}. time in a row.")]
    private partial void LogFault(Exception e, string walk, int fault);
}
