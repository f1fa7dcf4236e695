using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>Collects a walk's images, puts them into the queue, and then saves a checkpoint.</summary>
internal sealed class WalkProgress(WalkStore.Stored stored, WalkStore walks, MessageQueue queue)
{
    // At most so much is done twice if the process ends.
    private const int MaxEnqueued = 16 * WorkMessage.MaxImages;
    private const int MaxListed = 5000;
    private const int SentAtOnce = 16;

    private readonly List<string> _images = [];
    private readonly List<(string Image, int Attempts)> _retries = [];
    private WalkState _walk = stored.State;
    private int _listed;

    /// <summary>The walk at the last checkpoint.</summary>
    public WalkStore.Stored Stored { get; private set; } = stored;

    /// <summary>Another worker owns the walk, or it was stopped.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether it is time for a checkpoint.</summary>
    public bool IsFull => _images.Count + _retries.Count >= MaxEnqueued || _listed >= MaxListed;

    /// <param name="image">An image that needs work.</param>
    /// <param name="attempts">How many attempts at it failed.</param>
    public void Enqueue(string image, int attempts)
    {
        if (attempts == 0)
            _images.Add(image);
        else
            _retries.Add((image, attempts));
        CountDone();
    }

    public void CountDone()
    {
        _walk = _walk with { Listed = _walk.Listed + 1 };
        _listed++;
    }

    /// <summary>An image that is too young for the sweep.</summary>
    public void CountRecent() => CountDone();

    public void Skip(SkipReason reason)
    {
        _walk = _walk with { Skipped = _walk.Skipped.And(reason) };
        CountDone();
    }

    /// <summary>A result without its image.</summary>
    public void CountOrphan() => _listed++;

    /// <summary>Sends the messages and saves the checkpoint.</summary>
    /// <returns>False if another worker owns the walk.</returns>
    public async Task<bool> SaveAsync(string? next, WalkStatus status)
    {
        var like = new WorkMessage
        {
            Container = _walk.Container,
            Walk = _walk.Id,
            Failed = _walk.Failed,
            Reclassify = _walk.Reclassify,
            Found = DateTimeOffset.UtcNow,
        };
        IEnumerable<WorkMessage> messages = like.Pack(_images)
            .Concat(_retries.Select(retry => like with { Images = [retry.Image], Attempts = retry.Attempts }));
        await Parallel.ForEachAsync(
            messages, new ParallelOptions { MaxDegreeOfParallelism = SentAtOnce },
            async (message, _) => await queue.SendAsync(message.Write(), TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false))
            .ConfigureAwait(false);

        _walk = _walk with { Next = next, Status = status, Enqueued = _walk.Enqueued + _images.Count + _retries.Count, Failures = 0, Error = null };
        if (await walks.WriteAsync(_walk, Stored, CancellationToken.None).ConfigureAwait(false) is not { } now)
        {
            IsLost = true;
            return false;
        }
        Stored = now;
        _images.Clear();
        _retries.Clear();
        _listed = 0;
        return true;
    }
}
