using Azure.Storage.Blobs;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>The real command, in a process of its own.</summary>
public sealed class BlobsCommandTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
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
            (0, "5 classified, 1 rejected, 0 given up, 0 to be tried again."),
            await RunAsync("backfill", "--container", container.Name, "--prefix", "in/"));
        Assert.Equal(
            (0, "0 classified, 0 rejected, 0 given up, 0 to be tried again."),
            await RunAsync("backfill", "--container", container.Name, "--prefix", "in/"));

        Assert.Null(await ResultAsync(outside));
        await AssertResultAsync(container.GetBlobClient("in/4.png"), Picture(4));
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
        Assert.StartsWith("resnet: The specified container does not exist.", output, StringComparison.Ordinal);
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
}
