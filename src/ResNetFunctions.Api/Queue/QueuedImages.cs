using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Queue;

/// <summary>Classifies the images of a message. However often a message comes, each image has one right result.</summary>
public sealed partial class QueuedImages : IDisposable
{
    private static readonly TimeSpan RetryWithoutModel = TimeSpan.FromMinutes(1);

    // Requests over HTTP may take all turns for longer than host.json's functionTimeout, after which the host ends the
    // worker.
    private static readonly TimeSpan Budget = TimeSpan.FromMinutes(4);

    private readonly ImageStorage _storage;
    private readonly BlobClassifier _classifier;
    private readonly WorkQueues _queues;
    private readonly WalkStore _walks;
    private readonly ILogger _logger;
    private readonly Turns _turns = new();

    internal QueuedImages(ImageStorage storage, BlobClassifier classifier, WorkQueues queues, WalkStore walks, ILogger<QueuedImages> logger) =>
        (_storage, _classifier, _queues, _walks, _logger) = (storage, classifier, queues, walks, logger);

    internal Action<string, BlobOutcome> Done { get; set; } = (_, _) => { };

    /// <summary>Processes a message; the caller then deletes it. What can't be done now is put into the queue
    /// again.</summary>
    /// <param name="text">The message.</param>
    /// <param name="delivery">How often it has been delivered, from 1.</param>
    /// <param name="cancellationToken">Puts back what is not done yet.</param>
    public async Task ProcessAsync(string text, long delivery, CancellationToken cancellationToken)
    {
        if (WorkMessage.Read(text) is not { } message)
        {
            await _queues.Images.PoisonAsync(text, "can't be read", CancellationToken.None).ConfigureAwait(false);
            return;
        }
        if (message.Walk is { } walk && await _walks.IsStoppedAsync(walk, cancellationToken).ConfigureAwait(false))
            return;
        if (delivery > 1)
        {
            await SplitAsync(message).ConfigureAwait(false);
            return;
        }

        QueueMetrics.Waited(message.Found);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(Budget);
        int next = 0;
        try
        {
            await _classifier.ModelAsync(stop.Token).ConfigureAwait(false);
            for (; next < message.Images.Count; next++)
                await ClassifyAsync(message, message.Images[next], stop.Token).ConfigureAwait(false);
        }
        catch (UnavailableException e)
        {
            LogUnavailable(e.Message);
            await PutBackAsync(message, next, RetryWithoutModel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await PutBackAsync(message, next, TimeSpan.Zero).ConfigureAwait(false);
        }
    }

    private async Task ClassifyAsync(WorkMessage message, string image, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // An image that failed once may end the process, so its attempts are counted. The first one is not: counting costs
        // half as much as the result.
        bool again = message.Attempts > 0;
        using IDisposable turn = await _turns.EnterAsync(alone: again, cancellationToken).ConfigureAwait(false);
        try
        {
            BlobClient blob = _storage.Container(message.Container).GetBlobClient(image);
            Done(image, await _classifier.ClassifyAsync(
                blob, message.Rule, again ? message.Attempts + 1 : null, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is not UnavailableException && !cancellationToken.IsCancellationRequested)
        {
            await RetryAsync(message with { Images = [image], Attempts = message.Attempts + 1 }, e).ConfigureAwait(false);
        }
    }

    private async Task RetryAsync(WorkMessage message, Exception e)
    {
        // The result could not be written either, or it would say failed.
        if (message.Attempts >= WorkRule.MaxAttempts)
        {
            await _queues.Images.PoisonAsync(message.Write(), $"was tried {message.Attempts} times, the last time with {StorageError.OneLine(e)}", CancellationToken.None)
                .ConfigureAwait(false);
            return;
        }
        LogRetry(message.Images[0], message.Attempts, StorageError.OneLine(e));
        await _queues.Images.SendAsync(message.Write(), TimeSpan.FromSeconds(1 << message.Attempts), CancellationToken.None).ConfigureAwait(false);
    }

    // The worker that had it has ended, perhaps because of one of its images. From now on each is tried alone.
    private async Task SplitAsync(WorkMessage message)
    {
        foreach (WorkMessage one in message.Split())
        {
            await _queues.Images.SendAsync(
                (one with { Attempts = Math.Max(1, message.Attempts) }).Write(), TimeSpan.FromSeconds(Random.Shared.Next(5)), CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    private Task PutBackAsync(WorkMessage message, int next, TimeSpan delay) =>
        _queues.Images.SendAsync((message with { Images = [.. message.Images.Skip(next)] }).Write(), delay, CancellationToken.None);

    public void Dispose() => _turns.Dispose();

    [LoggerMessage(1, LogLevel.Error, "No queued image can be classified; retrying in a minute: {Detail}")]
    private partial void LogUnavailable(string detail);

    [LoggerMessage(2, LogLevel.Warning, "Could not classify {Image}, attempt {Attempt} of 5; retrying: {Reason}")]
    private partial void LogRetry(string image, int attempt, string reason);
}
