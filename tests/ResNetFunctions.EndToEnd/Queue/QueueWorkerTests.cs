using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.EndToEnd.Blobs;

namespace ResNetFunctions.EndToEnd.Queue;

public sealed class QueueWorkerTests(AzuriteFixture azurite, BlobModels models) : QueueTest(azurite, models)
{
    // At any moment: before it asks, while it does, and while it waits.
    [Fact]
    public async Task RunAsync_StoppedAtAnyMoment_Ends()
    {
        await using ServiceProvider host = await HostAsync(await Azurite.CreateContainerAsync());
        for (int milliseconds = 0; milliseconds < 40; milliseconds++)
        {
            using var stop = new CancellationTokenSource(milliseconds);
            await new QueueWorker(host.GetRequiredService<WorkQueues>().Images, (_, _, _) => Task.CompletedTask, NullLogger.Instance)
                .RunAsync(stop.Token).WaitAsync(Patience, Cancel);
        }
    }

    [Fact]
    public async Task RunAsync_WorkThatFails_ComesAgainAndIsPoisonAfterFiveDeliveries()
    {
        await using ServiceProvider host = await HostAsync(await Azurite.CreateContainerAsync());
        MessageQueue queue = host.GetRequiredService<WorkQueues>().Images;
        await queue.SendAsync("bad", TimeSpan.Zero, Cancel);
        await queue.SendAsync("good", TimeSpan.Zero, Cancel);
        List<(string, long)> taken = [];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task working = new QueueWorker(
            queue,
            (text, delivery, _) =>
            {
                taken.Add((text, delivery));
                return text == "bad" ? throw new InvalidOperationException("no") : Task.CompletedTask;
            },
            NullLogger.Instance)
        { RetryAfter = TimeSpan.Zero }.RunAsync(stop.Token);

        using var patience = new CancellationTokenSource(Patience);
        while (await CountAsync() > 0)
            await Task.Delay(20, patience.Token);
        await stop.CancelAsync();
        await working;

        Assert.Equal([("bad", 1), ("bad", 2), ("bad", 3), ("bad", 4), ("bad", 5), ("good", 1)], taken.Order());
        Assert.Equal(["bad"], await EmptyAsync("-poison"));
    }

    // The message of long work is extended, so that nobody else gets it.
    [Fact]
    public async Task RunAsync_WorkThatTakesLongerThanTheHold_IsDoneOnce()
    {
        await using ServiceProvider host = await HostAsync(await Azurite.CreateContainerAsync());
        MessageQueue queue = host.GetRequiredService<WorkQueues>().Images;
        await queue.SendAsync("long", TimeSpan.Zero, Cancel);
        int taken = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task working = new QueueWorker(
            queue,
            async (_, _, _) =>
            {
                Interlocked.Increment(ref taken);
                await Task.Delay(TimeSpan.FromSeconds(12), Cancel);
            },
            NullLogger.Instance)
        { AtOnce = 2, Hold = TimeSpan.FromSeconds(9) }.RunAsync(stop.Token);

        using var patience = new CancellationTokenSource(Patience);
        while (await CountAsync() > 0)
            await Task.Delay(50, patience.Token);
        await stop.CancelAsync();
        await working;

        Assert.Equal(1, taken);
    }
}
