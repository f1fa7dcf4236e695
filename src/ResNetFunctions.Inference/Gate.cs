using System.Diagnostics;
using System.Threading.RateLimiting;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Inference;

/// <summary>Lets <see cref="ClassifierOptions.Turns"/> requests work at one time, in the order they came;
/// the others wait in a bounded queue, for a bounded time.</summary>
internal sealed class Gate(ClassifierOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Turns,
        QueueLimit = options.MaxQueue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    // How long a turn takes, in ticks of Stopwatch: a running mean, so that Retry-After is an estimate and no guess.
    private long _meanTurn = Stopwatch.Frequency / 20;

    /// <summary>Waits for a turn; whoever gets one disposes it.</summary>
    /// <exception cref="UnavailableException">Overloaded: the queue is full or the wait too long.</exception>
    public async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        long asked = Stopwatch.GetTimestamp();
        try
        {
            RateLimitLease lease = _limiter.AttemptAcquire();
            if (!lease.IsAcquired)
                lease = await WaitAsync(cancellationToken).ConfigureAwait(false);
            return lease.IsAcquired ? new Turn(this, lease) : throw Overloaded("The queue is full.");
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
            throw Overloaded($"No turn came within {options.QueueTimeout.TotalSeconds:0.###} s.");
        }
        finally
        {
            Telemetry.QueueLength.Add(-1);
        }
    }

    /// <summary>How many wait for their turn.</summary>
    public long Waiting => _limiter.GetStatistics()!.CurrentQueuedCount;

    /// <summary>When those who wait now will have had their turns, by the rate of the last ones; 1 to 60 whole seconds.</summary>
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
        // Lost updates between threads only make the mean a little older.
        long mean = Interlocked.Read(ref _meanTurn);
        Interlocked.Exchange(ref _meanTurn, mean + (Stopwatch.GetTimestamp() - started - mean) / 16);
    }

    public void Dispose() => _limiter.Dispose();

    /// <summary>The right to work; disposing it lets the next one in.</summary>
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
