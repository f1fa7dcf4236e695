using System.Diagnostics;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>
/// Gathers what waits into batches, for a device that runs many pictures in little more time than one. While a batch runs
/// the next one is gathered; a batch waits for others only while some are announced, so that who is alone never waits.
/// </summary>
internal sealed class Batcher<T> : IDisposable
{
    private readonly int _most;
    private readonly TimeSpan _delay;
    private readonly Thread[] _threads;
    private readonly Queue<Item> _waiting = []; // the lock of everything below, too
    private int _announced;
    private bool _isGathering, _isDisposed;

    /// <param name="most">How many items a batch has at most.</param>
    /// <param name="delay">How long an item waits at most for those that are announced.</param>
    /// <param name="runners">What runs a batch. Each has a thread of its own, and runs one batch at a time.</param>
    public Batcher(int most, TimeSpan delay, params IReadOnlyList<Action<IReadOnlyList<T>>> runners)
    {
        (_most, _delay) = (most, delay);
        _threads = [.. runners.Select(run => new Thread(() => Work(run)) { IsBackground = true, Name = "batches" })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Says that an item will come.</summary>
    public void Announce()
    {
        lock (_waiting)
            _announced++;
    }

    /// <summary>Says that an announced item will not come after all.</summary>
    public void Withdraw()
    {
        lock (_waiting)
        {
            _announced--;
            Monitor.PulseAll(_waiting);
        }
    }

    /// <summary>Waits until an announced item has been run.</summary>
    /// <param name="value">The item. It is the batch's until the task ends.</param>
    /// <param name="cancellationToken">Takes the item out of the queue; one that is being run is run to its end.</param>
    public async Task RunAsync(T value, CancellationToken cancellationToken)
    {
        var item = new Item(value);
        lock (_waiting)
        {
            _announced--;
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _waiting.Enqueue(item);
            Monitor.PulseAll(_waiting);
        }
        await using (cancellationToken.UnsafeRegister(static (item, token) => ((Item)item!).Cancel(token), item).ConfigureAwait(false))
            await item.Task.ConfigureAwait(false);
    }

    private void Work(Action<IReadOnlyList<T>> run)
    {
        while (Gather() is { } batch)
        {
            try
            {
                if (batch.Count > 0)
                    run([.. batch.Select(static item => item.Value)]);
                batch.ForEach(static item => item.SetResult());
            }
            catch (Exception e)
            {
                batch.ForEach(item => item.SetException(e));
            }
        }
    }

    // Null once it is disposed; empty where all who waited have left.
    private List<Item>? Gather()
    {
        lock (_waiting)
        {
            while (!_isDisposed && (_isGathering || _waiting.Count == 0))
                Monitor.Wait(_waiting);

            _isGathering = true; // Two at once would share what makes one batch.
            while (!_isDisposed && _announced > 0 && _waiting.Count < _most && TimeLeft(_waiting.Peek()) is { Ticks: > 0 } left)
                Monitor.Wait(_waiting, (int)Math.Ceiling(left.TotalMilliseconds));
            _isGathering = false;

            List<Item> batch = [];
            while (!_isDisposed && batch.Count < _most && _waiting.TryDequeue(out Item? item))
            {
                if (item.TryStart())
                    batch.Add(item);
            }
            Monitor.PulseAll(_waiting);
            return _isDisposed ? null : batch;
        }
    }

    private TimeSpan TimeLeft(Item item) => _delay - Stopwatch.GetElapsedTime(item.Arrived);

    /// <summary>Ends the threads when their runs end. Who still waits is told.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _isDisposed = true;
            while (_waiting.TryDequeue(out Item? item))
            {
                if (item.TryStart())
                    item.SetException(new ObjectDisposedException(nameof(Batcher<>)));
            }
            Monitor.PulseAll(_waiting);
        }
        foreach (Thread thread in _threads)
            thread.Join();
    }

    private sealed class Item(T value) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private int _isTaken; // by a batch, or by who cancels it

        public T Value => value;

        public long Arrived { get; } = Stopwatch.GetTimestamp();

        public bool TryStart() => Interlocked.Exchange(ref _isTaken, 1) == 0;

        public void Cancel(CancellationToken cancellationToken)
        {
            if (TryStart())
                SetCanceled(cancellationToken);
        }
    }
}
