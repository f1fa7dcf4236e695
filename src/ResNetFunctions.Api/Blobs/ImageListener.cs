using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Classifies what is uploaded to a container, and what was while nobody listened: it walks over the container
/// again and again, once a second; a listing of more than two seconds is followed by a rest of what it took over them, so that
/// a large container is listed about half of the time.</summary>
internal sealed partial class ImageListener(
    BlobClassifier classifier, ResNetOptions resNet, BlobContainerClient images, BlobContainerClient? results, ILogger logger)
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongListing = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    // Delays are held here, tries in the results: whoever restarts begins with no delay and the right number.
    private const int MostDelayed = 10_000;
    private readonly ConcurrentDictionary<string, Failure> _failures = new(StringComparer.Ordinal);

    /// <summary>Told of each image's new result.</summary>
    public Action<string, BlobOutcome> Done { get; init; } = (_, _) => { };

    /// <summary>Listens until it is stopped; then finishes what is in hand.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // What was there before this process may be what ended another one, so its tries are counted from the first on.
        bool counted = true;
        int troubles = 0;
        while (!stop.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            ImagePass pass = NewPass(counted);
            TimeSpan wait;
            try
            {
                await pass.RunAsync(stop, CancellationToken.None).ConfigureAwait(false);
                TimeSpan early = Turn - Stopwatch.GetElapsedTime(began), late = pass.Waited - LongListing;
                wait = early > TimeSpan.Zero ? early : late > TimeSpan.Zero ? late : TimeSpan.Zero;
                (counted, troubles) = (false, 0);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                if (troubles == 0)
                    LogTrouble(StorageError.OneLine(e));
                wait = DelayAfter(++troubles);
            }
            catch (Exception)
            {
                return; // Stopped within the listing.
            }
            await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private ImagePass NewPass(bool counted) => new(classifier, resNet, images, results)
    {
        Takes = image => FailureOf(image) is not { } failure || Stopwatch.GetTimestamp() >= failure.Due,
        Attempt = image => FailureOf(image)?.Tries + 1
            ?? (counted || image.Metadata?.Status == ResultMetadata.Pending ? 1 : null),
        Done = (image, outcome, e) =>
        {
            if (e is null)
            {
                _failures.TryRemove(image.Name, out _);
                if (outcome is BlobOutcome.Classified or BlobOutcome.Rejected or BlobOutcome.Failed)
                    Done(image.Name, outcome.Value);
                return;
            }
            int tries = (FailureOf(image)?.Tries ?? 0) + 1;
            if (_failures.Count >= MostDelayed)
                _failures.Clear();
            _failures[image.Name] = new Failure(image.ETag, tries, Stopwatch.GetTimestamp() + Ticks(DelayAfter(tries)));
            LogRetry(image.Name, DelayAfter(tries).TotalSeconds, StorageError.OneLine(e));
        },
    };

    private Failure? FailureOf(WalkedImage image) =>
        _failures.TryGetValue(image.Name, out Failure? failure) && failure.ETag == image.ETag ? failure : null;

    private static TimeSpan DelayAfter(int failures)
    {
        var delay = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, 10) - 1));
        return delay < LongestDelay ? delay : LongestDelay;
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private sealed record Failure(string ETag, int Tries, long Due);

    [LoggerMessage(1, LogLevel.Warning, "Blobs can't be classified now, which is tried again: {Reason}")]
    private partial void LogTrouble(string reason);

    [LoggerMessage(2, LogLevel.Warning, "{Image} could not be classified, which is tried again in {Seconds} s: {Reason}")]
    private partial void LogRetry(string image, double seconds, string reason);
}
