using System.Diagnostics;
using System.Threading.RateLimiting;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference.Diagnostics;

namespace ResNetFunctions.Inference;

/// <summary>Lets <see cref="ClassifierOptions.Turns"/> requests work at one time, first come, first served. Others
/// wait in a queue that is limited in length and time.</summary>
internal sealed class Gate(ClassifierOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Turns,
        QueueLimit = options.MaxQueue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    // The running mean of a turn's length, in ticks of Stopwatch, for Retry-After.
    private long _meanTurn = Stopwatch.Frequency / 20;

    /// <summary>Waits for a turn; the caller disposes it.</summary>
    /// <exception cref="UnavailableException">overloaded: the queue is full or the wait too long.</exception>
    public async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        long asked = Stopwatch.GetTimestamp();
        try
        {
            RateLimitLease lease = _limiter.AttemptAcquire();
            if (!lease.IsAcquired)
                lease = await WaitAsync(cancellationToken).ConfigureAwait(false);
            return lease.IsAcquired ? new Turn(this, lease) : throw Overloaded("The queue is full; try again later.");
        }
        finally
        {
            Telemetry.QueueWait.Record(Stopwatch.GetElapsedTime(asked).TotalSeconds);
        }
    }

    private async ValueTask<RateLimitLease> WaitAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.QueueTimeout);
        Telemetry.QueueLength.Add(1);
        try
        {
            return await _limiter.AcquireAsync(1, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Overloaded($"The request waited {options.QueueTimeout.TotalSeconds:0.###} s for its turn; try again later.");
        }
        finally
        {
            Telemetry.QueueLength.Add(-1);
        }
    }

    public long Waiting => _limiter.GetStatistics()!.CurrentQueuedCount;

    /// <summary>Whether a request has its turn.</summary>
    public bool IsEntered => _limiter.GetStatistics()!.CurrentAvailablePermits < options.Turns;

    /// <summary>When the waiting requests will have had their turns, by the mean of the last ones; 1 to 60 s.</summary>
    public TimeSpan RetryAfter
    {
        get
        {
            double turns = (Waiting + 1.0) / options.Turns;
            double seconds = turns * Interlocked.Read(ref _meanTurn) / Stopwatch.Frequency;
            return TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(seconds), 1, 60));
        }
    }

    private UnavailableException Overloaded(string detail) => new(ErrorCode.Overloaded, detail, RetryAfter);

    private void Leave(long started)
    {
        // An update that another thread overwrites only makes the mean a little older.
        long mean = Interlocked.Read(ref _meanTurn);
        Interlocked.Exchange(ref _meanTurn, mean + (Stopwatch.GetTimestamp() - started - mean) / 16);
    }

    public void Dispose() => _limiter.Dispose();

    internal sealed class Turn(Gate gate, RateLimitLease lease) : IDisposable
    {
        private readonly long _started = Stopwatch.GetTimestamp();

        public void Dispose()
        {
            gate.Leave(_started);
            lease.Dispose();
        }
    }
}
