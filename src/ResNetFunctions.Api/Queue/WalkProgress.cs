using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>The steps of a walk: images are collected, put into the queue, and then the walk's blob says how far it got.</summary>
internal sealed class WalkProgress(WalkStore.Stored stored, WalkStore walks, MessageQueue queue)
{
    // What is done twice where the process ends: at most a step.
    private const int MaxEnqueued = 16 * WorkMessage.MaxImages;
    private const int MaxListed = 5000;
    private const int SentAtOnce = 16;

    private readonly List<string> _images = [];
    private readonly List<(string Image, int Attempts)> _retries = [];
    private WalkState _walk = stored.State;
    private int _listed;

    /// <summary>The walk after the last step.</summary>
    public WalkStore.Stored Stored { get; private set; } = stored;

    /// <summary>Someone else has the walk, or stopped it.</summary>
    public bool IsLost { get; private set; }

    /// <summary>It is time for a step.</summary>
    public bool IsFull => _images.Count + _retries.Count >= MaxEnqueued || _listed >= MaxListed;

    /// <summary>An image that needs work.</summary>
    /// <param name="image">Its name.</param>
    /// <param name="attempts">How many tries at it ended badly.</param>
    public void Enqueue(string image, int attempts)
    {
        if (attempts == 0)
            _images.Add(image);
        else
            _retries.Add((image, attempts));
        CountDone();
    }

    /// <summary>An image that has its result.</summary>
    public void CountDone()
    {
        _walk = _walk with { Listed = _walk.Listed + 1 };
        _listed++;
    }

    /// <summary>An image that is left to its trigger.</summary>
    public void CountRecent() => CountDone();

    /// <summary>A blob that gets no result.</summary>
    public void Skip(SkipReason reason)
    {
        _walk = _walk with { Skipped = _walk.Skipped.And(reason) };
        CountDone();
    }

    /// <summary>A result without its image.</summary>
    public void CountOrphan() => _listed++;

    /// <summary>Takes the step.</summary>
    /// <param name="next">The name to go on from.</param>
    /// <param name="status">What the walk is after it.</param>
    /// <returns>False: the walk is someone else's by now.</returns>
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
