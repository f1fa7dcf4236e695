using ResNetFunctions.Api.Queue;

namespace ResNetFunctions.Tests.Api.Queue;

public sealed class TurnsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EnterAsync_Alone_WaitsForTheOthersAndKeepsThemOut()
    {
        using var turns = new Turns();
        IDisposable first = await turns.EnterAsync(alone: false, Cancel), second = await turns.EnterAsync(alone: false, Cancel);

        Task<IDisposable> alone = turns.EnterAsync(alone: true, Cancel);
        Assert.False(alone.IsCompleted);
        first.Dispose();
        second.Dispose();
        IDisposable entered = await alone.WaitAsync(Patience, Cancel);

        Task<IDisposable> later = turns.EnterAsync(alone: false, Cancel), laterAlone = turns.EnterAsync(alone: true, Cancel);
        Assert.False(later.IsCompleted || laterAlone.IsCompleted);
        entered.Dispose();
        (await later.WaitAsync(Patience, Cancel)).Dispose();
        (await laterAlone.WaitAsync(Patience, Cancel)).Dispose();
    }

    [Fact]
    public async Task EnterAsync_GivenUp_LeavesNothingTaken()
    {
        using var turns = new Turns();
        using var giveUp = new CancellationTokenSource();
        IDisposable first = await turns.EnterAsync(alone: false, Cancel);
        Task<IDisposable> alone = turns.EnterAsync(alone: true, giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        first.Dispose();

        (await turns.EnterAsync(alone: true, Cancel).WaitAsync(Patience, Cancel)).Dispose();
    }
}
