using System.Threading.RateLimiting;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Tests.Inference;

public sealed class GateTests
{
    [Fact]
    public async Task RetryAfter_ManyWaiting_FollowsTheMeasuredRate()
    {
        using var gate = new Gate(new ClassifierOptions { MaxConcurrency = 1, MaxQueue = 200 });
        TimeSpan before = await WithWaitingAsync(gate, 200, () => gate.RetryAfter);
        for (int i = 0; i < 100; i++)
            (await gate.EnterAsync(TestContext.Current.CancellationToken)).Dispose();

        TimeSpan after = await WithWaitingAsync(gate, 200, () => gate.RetryAfter);

        // Of 200 waiting: first at the 50 ms that are supposed, then at the next to nothing that turns took.
        Assert.Equal(TimeSpan.FromSeconds(11), before);
        Assert.InRange(after, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
    }

    // At the supposed 50 ms a turn.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(19, 1)]
    [InlineData(20, 2)]
    [InlineData(1_199, 60)]
    [InlineData(1_300, 60)]
    public async Task RetryAfter_FewOrManyWaiting_Is1To60WholeSeconds(int waiting, int seconds)
    {
        using var gate = new Gate(new ClassifierOptions { MaxConcurrency = 1, MaxQueue = 2_000 });

        Assert.Equal(TimeSpan.FromSeconds(seconds), await WithWaitingAsync(gate, waiting, () => gate.RetryAfter));
    }

    private static async Task<TimeSpan> WithWaitingAsync(Gate gate, int count, Func<TimeSpan> ask)
    {
        using var gone = new CancellationTokenSource();
        using Gate.Turn running = await gate.EnterAsync(CancellationToken.None);
        Task[] waiting = [.. Enumerable.Range(0, count).Select(_ => gate.EnterAsync(gone.Token).AsTask())];
        TimeSpan answer = ask();
        await gone.CancelAsync();
        foreach (Task task in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        Assert.Equal(0, gate.Waiting);
        return answer;
    }

    [Fact]
    public async Task PixelBudget_ShareOverAllOfIt_WaitsForAllOfIt()
    {
        using var budget = new PixelBudget(1_000_000);
        using RateLimitLease small = await budget.TakeAsync(10, TestContext.Current.CancellationToken);

        Task<RateLimitLease> huge = budget.TakeAsync(10_000_000, TestContext.Current.CancellationToken).AsTask();

        Assert.False(huge.IsCompleted);
        small.Dispose();
        using RateLimitLease got = await huge;
    }
}
