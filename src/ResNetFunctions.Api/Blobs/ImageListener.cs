using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Classifies what is uploaded to a container. It first walks through all of it. Then, once a second, it continues
/// the walk for a while and lists what is new. After listings that took more than two seconds it rests, so that a large
/// container is listed half of the time at most.</summary>
internal sealed partial class ImageListener(
    BlobClassifier classifier, ResNetOptions resNet, BlobContainerClient images, BlobContainerClient? results, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongListing = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(1);

    // Delays are kept in memory, attempts in the results: a new process has no delays and the right numbers.
    private const int MaxDelayed = 10_000;
    private readonly ConcurrentDictionary<string, Failure> _failures = new(StringComparer.Ordinal);

    // The first walk finds what was there before this process. An image among it may have ended another process, so attempts
    // are counted from the first on.
    private ImageWalk? _walk;
    private bool _isFirst = true;

    // By storage's clock.
    private DateTimeOffset? _listedUntil;

    // A walk gets a share of the time that listings of new images took, so that uploads wait for little else.
    private const int ListingsPerWalk = 20;
    private TimeSpan _walkTime;

    public int PageSize { get; init; } = 1000;

    public Action<string, BlobOutcome> Done { get; init; } = (_, _) => { };

    /// <summary>Listens until it is stopped, then finishes the images in progress.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        int failures = 0;
        while (!stop.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            TimeSpan wait;
            try
            {
                TimeSpan late = await RunOnceAsync(stop).ConfigureAwait(false) - LongListing;
                TimeSpan early = Interval - Stopwatch.GetElapsedTime(began);
                wait = early > TimeSpan.Zero ? early : late > TimeSpan.Zero ? late : TimeSpan.Zero;
                failures = 0;
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                if (failures == 0)
                    LogStorageError(StorageError.OneLine(e));
                wait = DelayAfter(++failures);
                _walk = null;
            }
            catch (Exception)
            {
                return; // Stopped within the listing.
            }
            await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Returns how long storage took to answer the listings.
    private async Task<TimeSpan> RunOnceAsync(CancellationToken stop)
    {
        bool fromStart = _walk is null;
        ImageWalk walk = _walk ??= new ImageWalk(images, results, pageSize: PageSize);
        TimeSpan before = walk.Waited;
        await NewBatch(walk.ReadMoreAsync(_isFirst ? TimeSpan.MaxValue : _walkTime, stop)).RunAsync(stop, CancellationToken.None).ConfigureAwait(false);
        TimeSpan waited = walk.Waited - before;
        if (walk.IsOver)
            (_walk, _isFirst) = (null, false);
        if (walk.IsOver && fromStart)
        {
            (_listedUntil, _walkTime) = (walk.StartedAt, default);
            return waited;
        }

        var listing = new NewImageListing(images, _listedUntil ?? walk.StartedAt);
        await foreach (IReadOnlyList<ListedImage> found in listing.ReadAsync(stop).ConfigureAwait(false))
            await NewBatch(found.ToAsyncEnumerable()).RunAsync(stop, CancellationToken.None).ConfigureAwait(false);
        _listedUntil = listing.StartedAt;
        _walkTime += listing.Waited / ListingsPerWalk - waited;
        return waited + listing.Waited;
    }

    private ImageBatch NewBatch(IAsyncEnumerable<ListedImage> found) =>
        new(classifier, resNet, images, results, found)
        {
            IsDue = image => FailureOf(image) is not { } failure || Stopwatch.GetTimestamp() >= failure.Due,
            Attempt = image => FailureOf(image)?.Attempts + 1
                ?? (_isFirst || image.Metadata?.Status == ResultMetadata.Pending ? 1 : null),
            Done = (image, outcome, e) =>
            {
                if (e is null)
                {
                    _failures.TryRemove(image.Name, out _);
                    if (outcome is BlobOutcome.Classified or BlobOutcome.Rejected or BlobOutcome.Failed)
                        Done(image.Name, outcome.Value);
                    return;
                }
                int attempts = (FailureOf(image)?.Attempts ?? 0) + 1;
                if (_failures.Count >= MaxDelayed)
                    _failures.Clear();
                _failures[image.Name] = new Failure(image.ETag, attempts, Stopwatch.GetTimestamp() + Ticks(DelayAfter(attempts)));
                LogRetry(image.Name, DelayAfter(attempts).TotalSeconds, StorageError.OneLine(e));
            },
        };

    private Failure? FailureOf(ListedImage image) =>
        _failures.TryGetValue(image.Name, out Failure? failure) && failure.ETag == image.ETag ? failure : null;

    private static TimeSpan DelayAfter(int failures)
    {
        var delay = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, 10) - 1));
        return delay < MaxDelay ? delay : MaxDelay;
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private sealed record Failure(string ETag, int Attempts, long Due);

    [LoggerMessage(1, LogLevel.Warning, "Can't classify blobs now; retrying: {Reason}")]
    private partial void LogStorageError(string reason);

    [LoggerMessage(2, LogLevel.Warning, "Could not classify {Image}; retrying in {Seconds} s: {Reason}")]
    private partial void LogRetry(string image, double seconds, string reason);
}
