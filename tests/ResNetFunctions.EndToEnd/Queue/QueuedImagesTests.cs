using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.DependencyInjection;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.EndToEnd.Blobs;

namespace ResNetFunctions.EndToEnd.Queue;

public sealed class QueuedImagesTests(AzuriteFixture azurite, BlobModels models) : QueueTest(azurite, models)
{
    [Fact]
    public async Task ProcessAsync_Message_ClassifiesItsImages()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient a = await UploadAsync(container, "a.png", Picture(1)), b = await UploadAsync(container, "deep/Grüße 50% #1?.png", Picture(2));
        await UploadAsync(container, "text.txt", "no picture"u8.ToArray());
        await using ServiceProvider host = await HostAsync(container);

        await ProcessAsync(host, Message(container, a.Name, "gone.png", b.Name, "text.txt"));

        await AssertResultAsync(a, Picture(1));
        await AssertResultAsync(b, Picture(2));
        Assert.Equal("rejected", (await ResultAsync(container.GetBlobClient("text.txt")))!.Value.GetProperty("status").GetString());
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task ProcessAsync_SameMessageTenTimesAtOnce_WritesOneResult()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await using ServiceProvider host = await HostAsync(container);
        WorkMessage message = Message(container, image.Name);
        await ProcessAsync(host, message);
        BlobProperties first = await ResultOf(image).GetPropertiesAsync(cancellationToken: Cancel);

        await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => ProcessAsync(host, message)));

        Assert.Equal(first.ETag, (await ResultOf(image).GetPropertiesAsync(cancellationToken: Cancel)).Value.ETag);
        await AssertResultAsync(image, Picture(1));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task ProcessAsync_BesideTheTriggerAndAnOverwrite_LeavesOneRightResult()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await using ServiceProvider host = await HostAsync(container);
        WorkMessage message = Message(container, image.Name);

        Task[] work =
        [
            .. Enumerable.Range(0, 10).Select(_ => ProcessAsync(host, message)),
            .. Enumerable.Range(0, 10).Select(_ => host.GetRequiredService<BlobClassifier>().ClassifyAsync(image, Cancel)),
        ];
        await UploadAsync(container, image.Name, Picture(2));
        await Task.WhenAll(work);
        foreach (string again in await EmptyAsync())
            await host.GetRequiredService<QueuedImages>().ProcessAsync(again, 1, Cancel);

        await AssertResultAsync(image, Picture(2));
        Assert.Equal(2, await container.GetBlobsAsync(cancellationToken: Cancel).CountAsync(Cancel));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.png")]
    [InlineData("""{"v":2,"container":"images","images":["a"]}""")]
    [InlineData("""{"container":"images","images":["a"]}""")]
    [InlineData("""{"v":1,"images":["a"]}""")]
    [InlineData("""{"v":1,"container":"images","images":[]}""")]
    [InlineData("""{"v":1,"container":"images","images":[null]}""")]
    public async Task ProcessAsync_MessageThatCantBeRead_IsPoisonAtOnce(string text)
    {
        await using ServiceProvider host = await HostAsync(await Azurite.CreateContainerAsync());

        await host.GetRequiredService<QueuedImages>().ProcessAsync(text, 1, Cancel);

        Assert.Equal([text], await EmptyAsync("-poison"));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task ProcessAsync_DeliveredAgain_IsOneMessageAnImage()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await using ServiceProvider host = await HostAsync(container);

        await ProcessAsync(host, Message(container, "a.png", "b.png") with { Failed = true, Walk = "w" }, delivery: 2);

        Assert.Null(await ResultAsync(image));
        WorkMessage[] split = [.. (await EmptyAsync()).Select(text => WorkMessage.Read(text)!).OrderBy(message => message.Images[0], StringComparer.Ordinal)];
        Assert.Equal(["a.png", "b.png"], split.SelectMany(message => message.Images));
        Assert.All(split, message => Assert.Equal((1, true, "w"), (message.Attempts, message.Failed, message.Walk)));
    }

    // Each attempt is counted in the result before it starts, except the first.
    [Fact]
    public async Task ProcessAsync_ImageWhoseAttemptsNeverEnd_IsFailedAfterFive()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await using ServiceProvider host = await HostAsync(container);
        WorkMessage again = Message(container, "a.png") with { Attempts = 1 };
        for (int attempt = 2; attempt <= 5; attempt++)
        {
            using var killed = new CancellationTokenSource();
            BlobClient fatal = await WatchedAsync(image, new RequestHook { Before = n => n == 4 ? killed.CancelAsync() : Task.CompletedTask });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => NewClassifier().ClassifyAsync(fatal, default, 2, killed.Token));
        }

        await ProcessAsync(host, again);

        Assert.Equal("failed", (await ResultAsync(image))!.Value.GetProperty("status").GetString());
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task ProcessAsync_ResultThatCantBeWritten_IsTriedAgainAndAfterFiveAttemptsPoison()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await UploadAsync(container, "a.png", Picture(1));
        BlobClient good = await UploadAsync(container, "b.png", Picture(2));
        await using ServiceProvider host = await HostAsync(container);
        WorkMessage message = Message(container, "a.png", "b.png");
        await using IAsyncDisposable leased = await UnwritableAsync(container.GetBlobClient("a.png"));

        await ProcessAsync(host, message);
        await AssertResultAsync(good, Picture(2));
        WorkMessage again = WorkMessage.Read(Assert.Single(await EmptyAsync()))!;
        Assert.Equal(["a.png"], again.Images);
        Assert.Equal(1, again.Attempts);

        await ProcessAsync(host, again with { Attempts = 4 });
        Assert.Equal(0, await CountAsync());
        Assert.Equal(["a.png"], WorkMessage.Read(Assert.Single(await EmptyAsync("-poison")))!.Images);
    }

    [Fact]
    public async Task ProcessAsync_NoModel_PutsTheMessageBackAndCountsNothing()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        ResNetOptions options = Models.Options();
        options.DefaultModel = "no-such-model";
        await using ServiceProvider host = Host(options, [("ImageStorage", await Azurite.ConnectionStringAsync()), ("Blobs:ImagesContainer", container.Name)]);

        await ProcessAsync(host, Message(container, "a.png") with { Attempts = 3 });

        Assert.Equal(1, await CountAsync());
        Assert.Null((await (await QueueAsync()).PeekMessageAsync(Cancel)).Value); // It waits for a minute.
        Assert.Null(await ResultAsync(image));
    }

    [Fact]
    public async Task ProcessAsync_Cancelled_PutsBackWhatIsNotDone()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient a = await UploadAsync(container, "a.png", Picture(1)), b = await UploadAsync(container, "b.png", Picture(2));
        await using ServiceProvider host = await HostAsync(container);
        QueuedImages images = host.GetRequiredService<QueuedImages>();
        using var stop = new CancellationTokenSource();
        images.Done = (_, _) => stop.Cancel();

        await images.ProcessAsync(Message(container, "a.png", "b.png", "c.png").Write(), 1, stop.Token);

        await AssertResultAsync(a, Picture(1));
        Assert.Null(await ResultAsync(b));
        WorkMessage rest = WorkMessage.Read(Assert.Single(await EmptyAsync()))!;
        Assert.Equal(["b.png", "c.png"], rest.Images);
        Assert.Equal(0, rest.Attempts);
    }

    [Fact]
    public async Task ProcessAsync_OfAWalkThatWasStopped_DoesNothing()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await using ServiceProvider host = await HostAsync(container);
        string walk = await StartAsync(host, container);
        await host.GetRequiredService<WalkStore>().StopAsync(walk, Cancel);

        await ProcessAsync(host, Message(container, "a.png") with { Walk = walk });

        Assert.Null(await ResultAsync(image));
        Assert.Equal(0, await CountAsync());
    }

    // A lease on its result: nobody without it can write.
    private static async Task<IAsyncDisposable> UnwritableAsync(BlobClient image)
    {
        var ours = new ResultMetadata(image.BlobContainerName, "0x0", ResultMetadata.Classified, "sha").Write();
        BlobClient result = ResultOf(image);
        await result.UploadAsync(new BinaryData("{}"), new BlobUploadOptions { Metadata = ours }, Cancel);
        var lease = new Azure.Storage.Blobs.Specialized.BlobLeaseClient(result);
        await lease.AcquireAsync(TimeSpan.FromSeconds(-1), cancellationToken: Cancel);
        return new Release(lease);
    }

    private sealed class Release(Azure.Storage.Blobs.Specialized.BlobLeaseClient lease) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await lease.ReleaseAsync();
    }
}
