using System.Collections.Concurrent;
using System.Diagnostics;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Tests.Inference.Sessions;

/// <summary>Which items run together, and what each caller is told.</summary>
public sealed class BatcherTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30), Never = TimeSpan.FromHours(1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_NobodyElseAnnounced_RunsAtOnce()
    {
        var batches = new ConcurrentQueue<int[]>();
        using var batcher = new Batcher<int>(32, Never, batch => batches.Enqueue([.. batch]));

        await AskAsync(batcher, 7);
        await AskAsync(batcher, 8);

        Assert.Equal([[7], [8]], batches);
    }

    [Fact]
    public async Task RunAsync_OthersAnnounced_RunTogetherInTheirOrder()
    {
        var batches = new ConcurrentQueue<int[]>();
        using var batcher = new Batcher<int>(32, Never, batch => batches.Enqueue([.. batch]));
        for (int i = 0; i < 5; i++)
            batcher.Announce();

        Task[] asked = [.. Enumerable.Range(0, 5).Select(i => batcher.RunAsync(i, Cancelled))];
        await Task.WhenAll(asked).WaitAsync(Limit, Cancelled);

        Assert.Equal([[0, 1, 2, 3, 4]], batches);
    }

    [Fact]
    public async Task RunAsync_TheAnnouncedWithdraws_WaitsForItNoLonger()
    {
        var batches = new ConcurrentQueue<int[]>();
        using var batcher = new Batcher<int>(32, Never, batch => batches.Enqueue([.. batch]));
        batcher.Announce();
        Task first = AskAsync(batcher, 1);
        Assert.False(first.IsCompleted);

        batcher.Withdraw();

        await first.WaitAsync(Limit, Cancelled);
        Assert.Equal([[1]], batches);
    }

    [Fact]
    public async Task RunAsync_TheAnnouncedDoesNotCome_WaitsForItsDelayAlone()
    {
        var delay = TimeSpan.FromMilliseconds(200);
        using var batcher = new Batcher<int>(32, delay, _ => { });
        batcher.Announce();
        long asked = Stopwatch.GetTimestamp();

        await AskAsync(batcher, 1).WaitAsync(Limit, Cancelled);

        Assert.True(Stopwatch.GetElapsedTime(asked) >= delay, "It did not wait for the one that was announced.");
    }

    [Fact]
    public async Task RunAsync_WhileABatchRuns_WaitersBecomeBatchesOfAtMostSoMany()
    {
        using var go = new ManualResetEventSlim();
        var batches = new ConcurrentQueue<int[]>();
        using var batcher = new Batcher<int>(4, TimeSpan.Zero, batch =>
        {
            batches.Enqueue([.. batch]);
            Assert.True(go.Wait(Limit));
        });
        Task first = AskAsync(batcher, 0);
        await UntilAsync(() => batches.Count == 1);

        Task[] others = [.. Enumerable.Range(1, 10).Select(i => AskAsync(batcher, i))];
        go.Set();
        await Task.WhenAll([first, .. others]).WaitAsync(Limit, Cancelled);

        Assert.Equal([[0], [1, 2, 3, 4], [5, 6, 7, 8], [9, 10]], batches);
    }

    [Fact]
    public async Task RunAsync_SecondRunner_RunsTheNextBatchMeanwhile()
    {
        using var both = new Barrier(2);
        void Run(IReadOnlyList<int> batch) => Assert.True(both.SignalAndWait(Limit), "The two batches did not run at one time.");
        using var batcher = new Batcher<int>(1, TimeSpan.Zero, Run, Run);

        await Task.WhenAll(AskAsync(batcher, 1), AskAsync(batcher, 2)).WaitAsync(Limit, Cancelled);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItWaits_LeavesTheOthersTheirs()
    {
        using var go = new ManualResetEventSlim();
        var batches = new ConcurrentQueue<int[]>();
        using var batcher = new Batcher<int>(32, TimeSpan.Zero, batch =>
        {
            batches.Enqueue([.. batch]);
            Assert.True(go.Wait(Limit));
        });
        Task running = AskAsync(batcher, 0);
        await UntilAsync(() => batches.Count == 1);
        using var gone = new CancellationTokenSource();
        Task before = AskAsync(batcher, 1), cancelled = AskUntilAsync(batcher, 2, gone.Token), after = AskAsync(batcher, 3);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Limit, Cancelled));
        Assert.False(before.IsCompleted);
        go.Set();
        await Task.WhenAll(running, before, after).WaitAsync(Limit, Cancelled);

        Assert.Equal([[0], [1, 3]], batches);
    }

    // Its memory is read and written by the run: to give it back sooner would give it to somebody else.
    [Fact]
    public async Task RunAsync_CancelledWhileItRuns_EndsWithItsRun()
    {
        using var go = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        using var batcher = new Batcher<int>(32, TimeSpan.Zero, _ =>
        {
            started.Set();
            Assert.True(go.Wait(Limit));
        });
        using var gone = new CancellationTokenSource();
        Task running = AskUntilAsync(batcher, 0, gone.Token);
        Assert.True(started.Wait(Limit, Cancelled));

        await gone.CancelAsync();
        Assert.False(running.IsCompleted);
        go.Set();

        await running.WaitAsync(Limit, Cancelled);
    }

    [Fact]
    public async Task RunAsync_RunThatFails_ReachesAllOfItsBatchAndNoOther()
    {
        using var batcher = new Batcher<int>(2, Never, batch =>
        {
            if (batch.Contains(1))
                throw new InvalidOperationException("no memory");
        });
        for (int i = 0; i < 4; i++)
            batcher.Announce();

        Task[] asked = [.. Enumerable.Range(0, 4).Select(i => batcher.RunAsync(i, Cancelled))];

        Assert.Equal("no memory", (await Assert.ThrowsAsync<InvalidOperationException>(() => asked[0].WaitAsync(Limit, Cancelled))).Message);
        Assert.Equal("no memory", (await Assert.ThrowsAsync<InvalidOperationException>(() => asked[1].WaitAsync(Limit, Cancelled))).Message);
        await Task.WhenAll(asked[2], asked[3]).WaitAsync(Limit, Cancelled);
    }

    [Fact]
    public async Task Dispose_WhileSomeWait_TellsThemAndEndsTheRun()
    {
        using var go = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var batcher = new Batcher<int>(32, TimeSpan.Zero, _ =>
        {
            started.Set();
            Assert.True(go.Wait(Limit));
        });
        Task running = AskAsync(batcher, 0);
        Assert.True(started.Wait(Limit, Cancelled));
        Task waiting = AskAsync(batcher, 1);

        Task disposed = Task.Run(batcher.Dispose, Cancelled);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Limit, Cancelled));
        Assert.False(disposed.IsCompleted);
        go.Set();

        await Task.WhenAll(running, disposed).WaitAsync(Limit, Cancelled);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => AskAsync(batcher, 2));
    }

    [Fact]
    public async Task RunAsync_64CallersSomeOfWhomLeave_EachIsRunOnceOrCancelled()
    {
        const int Callers = 64, Each = 50, Most = 8;
        var ran = new ConcurrentDictionary<int, int>();
        int largest = 0;
        void Run(IReadOnlyList<int> batch)
        {
            InterlockedMax(ref largest, batch.Count);
            foreach (int item in batch)
                ran.AddOrUpdate(item, 1, (_, times) => times + 1);
        }
        using var batcher = new Batcher<int>(Most, TimeSpan.FromMilliseconds(1), Run, Run);
        int cancelled = 0;

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (int i = 0; i < Each; i++)
            {
                int item = (caller * Each) + i;
                using var gone = new CancellationTokenSource();
                batcher.Announce();
                if (random.Next(8) == 0)
                {
                    batcher.Withdraw();
                    ran[item] = 1; // never asked for
                    continue;
                }
                Task asked = batcher.RunAsync(item, gone.Token);
                if (random.Next(4) == 0)
                    await gone.CancelAsync();
                try
                {
                    await asked.WaitAsync(Limit, Cancelled);
                }
                catch (OperationCanceledException) when (gone.IsCancellationRequested)
                {
                    Interlocked.Increment(ref cancelled);
                }
            }
        }, Cancelled)));

        Assert.All(ran, item => Assert.Equal(1, item.Value));
        Assert.Equal(Callers * Each, ran.Count + cancelled);
        Assert.InRange(largest, 2, Most);
    }

    private static Task AskAsync(Batcher<int> batcher, int item) => AskUntilAsync(batcher, item, Cancelled);

    private static Task AskUntilAsync(Batcher<int> batcher, int item, CancellationToken gone)
    {
        batcher.Announce();
        return batcher.RunAsync(item, gone);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Limit, "It took too long.");
            await Task.Delay(5, Cancelled);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = target; value > seen; seen = target)
            Interlocked.CompareExchange(ref target, value, seen);
    }
}
