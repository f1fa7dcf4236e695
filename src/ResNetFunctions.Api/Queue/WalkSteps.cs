using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>The steps of a walk: images are collected, put into the queue, and then the walk's blob says how far it got.</summary>
internal sealed class WalkSteps(Walks.Held held, Walks walks, MessageQueue queue)
{
    // What is done twice where the process ends: at most a step.
    private const int MostEnqueued = 16 * WorkMessage.MostImages;
    private const int MostListed = 5000;
    private const int SentAtOnce = 16;

    private readonly List<string> _images = [];
    private readonly List<(string Image, int Tries)> _suspects = [];
    private WalkState _walk = held.State;
    private int _passed;

    /// <summary>The walk after the last step.</summary>
    public Walks.Held Held { get; private set; } = held;

    /// <summary>Someone else has the walk, or stopped it.</summary>
    public bool IsLost { get; private set; }

    /// <summary>It is time for a step.</summary>
    public bool IsFull => _images.Count + _suspects.Count >= MostEnqueued || _passed >= MostListed;

    /// <summary>An image that needs work.</summary>
    /// <param name="image">Its name.</param>
    /// <param name="tries">How many tries at it ended badly.</param>
    public void Enqueue(string image, int tries)
    {
        if (tries == 0)
            _images.Add(image);
        else
            _suspects.Add((image, tries));
        PassDone();
    }

    /// <summary>An image that has its result.</summary>
    public void PassDone()
    {
        _walk = _walk with { Listed = _walk.Listed + 1 };
        _passed++;
    }

    /// <summary>An image that is left to its trigger.</summary>
    public void PassYoung() => PassDone();

    /// <summary>A blob that gets no result.</summary>
    public void PassOver(PassedOver reason)
    {
        _walk = _walk with { PassedOver = _walk.PassedOver.And(reason) };
        PassDone();
    }

    /// <summary>A result without its image.</summary>
    public void Pass() => _passed++;

    /// <summary>Takes the step.</summary>
    /// <param name="next">The name to go on from.</param>
    /// <param name="status">What the walk is after it.</param>
    /// <returns>False: the walk is someone else's by now.</returns>
    public async Task<bool> TakeAsync(string? next, WalkStatus status)
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
            .Concat(_suspects.Select(suspect => like with { Images = [suspect.Image], Tries = suspect.Tries }));
        await Parallel.ForEachAsync(
            messages, new ParallelOptions { MaxDegreeOfParallelism = SentAtOnce },
            async (message, _) => await queue.SendAsync(message.Write(), TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false))
            .ConfigureAwait(false);

        _walk = _walk with { Next = next, Status = status, Enqueued = _walk.Enqueued + _images.Count + _suspects.Count, Faults = 0, Error = null };
        if (await walks.WriteAsync(_walk, Held, CancellationToken.None).ConfigureAwait(false) is not { } now)
        {
            IsLost = true;
            return false;
        }
        Held = now;
        _images.Clear();
        _suspects.Clear();
        _passed = 0;
        return true;
    }
}
