using Azure.Storage.Blobs;
using ResNetFunctions.EndToEnd.Queue;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>The real command in its own process.</summary>
public sealed class BlobsCommandTests(AzuriteFixture azurite, BlobModels models) : QueueTest(azurite, models)
{
    [Fact]
    public async Task Backfill_Twice_DoesOnlyWhatIsMissing()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        for (int i = 0; i < 5; i++)
            await UploadAsync(container, $"in/{i}.png", Picture(i));
        await UploadAsync(container, "in/text.txt", "no picture"u8.ToArray());
        BlobClient outside = await UploadAsync(container, "out.png", Picture(9));

        Assert.Equal(
            (0, "5 classified, 1 rejected, 0 failed, 0 to retry."),
            await RunAsync("backfill", "--container", container.Name, "--prefix", "in/"));
        Assert.Equal(
            (0, "0 classified, 0 rejected, 0 failed, 0 to retry."),
            await RunAsync("backfill", "--container", container.Name, "--prefix", "in/"));

        Assert.Null(await ResultAsync(outside));
        await AssertResultAsync(container.GetBlobClient("in/4.png"), Picture(4));
    }

    [Fact]
    public async Task Backfill_WhatGetsNoResult_IsCountedByReason()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await UploadAsync(container, "own.png", Picture(1));
        await UploadAsync(container, "own.png.classification.json", "mine"u8.ToArray());
        await UploadAsync(container, new string('n', 1010), Picture(2));
        await (await UploadAsync(container, "cold.png", Picture(3))).SetAccessTierAsync(Azure.Storage.Blobs.Models.AccessTier.Archive, cancellationToken: Cancel);
        using ResnetCommand command = await StartAsync("backfill", "--container", container.Name);

        Assert.Equal(
            "Skipped: 1 because another blob has the result's name, 1 because the result's name would be too long, 1 archived.",
            await command.UntilLineAsync("Skipped"));
        Assert.Equal((0, "0 classified, 0 rejected, 0 failed, 0 to retry."), await command.EndAsync());
    }

    [Fact]
    public async Task BackfillQueue_ThenWork_ClassifiesByWayOfTheQueue()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        for (int i = 0; i < 40; i++)
            await UploadAsync(container, $"{i}.png", Picture(i));
        await UploadAsync(container, "text.txt", "no picture"u8.ToArray());
        (string, string) queue = ("Blobs__WorkQueue", Name);

        using (ResnetCommand backfill = await StartWithAsync(queue, "backfill", "--queue", "--container", container.Name))
            Assert.Equal((0, "41 images listed, 41 put into the queue."), await backfill.EndAsync().WaitAsync(TimeSpan.FromSeconds(60), Cancel));
        using ResnetCommand work = await StartWithAsync(queue, "work");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Patience);
        while (await CountAsync() > 0) // A message is deleted after its images are done.
            await Task.Delay(100, patience.Token);

        Assert.Equal((0, "40 classified, 1 rejected, 0 failed."), await work.InterruptedAsync());
        await AssertResultAsync(container.GetBlobClient("39.png"), Picture(39));
    }

    [Fact]
    public async Task Prune_OrphansAndOthers_RemovesOnlyResultsWhoseImageIsGone()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient gone = await UploadAsync(container, "gone.png", Picture(1)), stays = await UploadAsync(container, "stays.png", Picture(2));
        await NewClassifier().ClassifyAsync(gone, Cancel);
        await NewClassifier().ClassifyAsync(stays, Cancel);
        await gone.DeleteAsync(cancellationToken: Cancel);
        BlobClient own = await UploadAsync(container, "own.classification.json", "mine"u8.ToArray());

        (int code, string output) = await RunAsync("prune", "--container", container.Name);

        Assert.Equal((0, "Results removed because their images are gone: 1."), (code, output));
        Assert.Null(await ResultAsync(gone));
        await AssertResultAsync(stays, Picture(2));
        Assert.True(await own.ExistsAsync(Cancel));
    }

    [Fact]
    public async Task Backfill_NoSuchContainer_SaysSoInOneLine()
    {
        (int code, string output) = await RunAsync("backfill", "--container", "no-such-container");

        Assert.Equal(1, code);
        Assert.StartsWith("resnet: The container does not exist: create it", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_Interrupted_EndsWellAndLeavesResults()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        using ResnetCommand watch = await StartAsync("watch", "--container", container.Name);

        await watch.UntilLineAsync("a.png: classified");

        Assert.Equal(0, await watch.InterruptAsync());
        await AssertResultAsync(image, Picture(1));
    }

    private async Task<(int Code, string LastLine)> RunAsync(params string[] arguments)
    {
        using ResnetCommand command = await StartAsync(arguments);
        return await command.EndAsync();
    }

    private async Task<ResnetCommand> StartAsync(params string[] arguments) => ResnetCommand.Start(
        Models.Options(1), ["blobs", .. arguments, "--storage", await Azurite.ConnectionStringAsync()]);

    private async Task<ResnetCommand> StartWithAsync((string, string) setting, params string[] arguments) => ResnetCommand.Start(
        Models.Options(1), ["blobs", .. arguments, "--storage", await Azurite.ConnectionStringAsync()], setting);
}
