using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.EndToEnd.Blobs;

namespace ResNetFunctions.EndToEnd.Queue;

public sealed class QueuedWalksTests(AzuriteFixture azurite, BlobModels models) : QueueTest(azurite, models)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ProcessAsync_Container_EnqueuesWhatNeedsWorkAndCountsTheRest(bool apart)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobContainerClient results = apart ? await Azurite.CreateContainerAsync() : container;
        string suffix = apart ? ".json" : ".classification.json";
        foreach (string name in new[] { "a.png", "b.png", "c.png", "own.png", "pending.png", "in/d.png", new string('n', 1020) })
            await UploadAsync(container, name, Picture(1));
        await UploadAsync(results, $"own.png{suffix}", "mine"u8.ToArray());
        await ResultAsync(results, container, $"b.png{suffix}", ResultMetadata.Classified);
        await ResultAsync(results, container, $"c.png{suffix}", ResultMetadata.Failed);
        await ResultAsync(results, container, $"pending.png{suffix}", ResultMetadata.Pending, attempts: 3);
        await container.GetBlobClient("folder").UploadAsync(
            new BinaryData(""), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["hdi_isfolder"] = "true" } }, Cancel);
        await (await UploadAsync(container, "cold.png", Picture(2))).SetAccessTierAsync(AccessTier.Archive, cancellationToken: Cancel);
        await using ServiceProvider host = await HostAsync(container, apart ? [("Blobs:ResultsContainer", results.Name)] : []);

        string walk = await StartAsync(host, container);
        await WalkAsync(host);

        WalkState state = await StateAsync(host, walk);
        Assert.Equal((WalkStatus.Listed, 9, 3, null), (state.Status, state.Listed, state.Enqueued, state.Next));
        Assert.Equal(new SkippedCounts(NameTaken: 1, NameTooLong: 1, Archived: 1, Folders: 1), state.Skipped);
        WorkMessage[] messages = [.. (await EmptyAsync()).Select(text => WorkMessage.Read(text)!).OrderBy(message => message.Attempts)];
        Assert.Equal([("a.png in/d.png", 0), ("pending.png", 3)], messages.Select(message => (string.Join(' ', message.Images), message.Attempts)));
    }

    [Fact]
    public async Task ProcessAsync_PrefixAndRule_ArePassedOn()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await UploadAsync(container, "in/a.png", Picture(1));
        await UploadAsync(container, "out.png", Picture(1));
        await ResultAsync(container, container, "in/a.png.classification.json", ResultMetadata.Failed);
        await using ServiceProvider host = await HostAsync(container);

        await StartAsync(host, container, walk => walk with { Prefix = "in/", Failed = true });
        await WalkAsync(host);

        WorkMessage message = WorkMessage.Read(Assert.Single(await EmptyAsync()))!;
        Assert.Equal(["in/a.png"], message.Images);
        Assert.True(message.Failed);
    }

    [Fact]
    public async Task ProcessAsync_NoTime_ContinuesByMessageAndReachesTheEnd()
    {
        BlobContainerClient container = await FilledAsync(5);
        await using ServiceProvider host = await HostAsync(container);
        QueuedWalks hasty = Hasty(host);
        string walk = await StartAsync(host, container);

        int messages = 0;
        for (; messages < 10 && (await StateAsync(host, walk)).Status == WalkStatus.Listing; messages++)
            await hasty.ProcessAsync(Assert.Single(await EmptyAsync("-walks")), 1, Cancel);

        Assert.Equal(5, messages);
        Assert.Equal(Names(5), await EnqueuedAsync());
    }

    [Fact]
    public async Task ProcessAsync_LongQueue_PausesTheWalk()
    {
        BlobContainerClient container = await FilledAsync(600);
        await using ServiceProvider host = await HostAsync(container, ("Blobs:WorkQueueLimit", "10"));
        string walk = await StartAsync(host, container);

        await host.GetRequiredService<QueuedWalks>().ProcessAsync(Assert.Single(await EmptyAsync("-walks")), 1, Cancel);

        WalkState state = await StateAsync(host, walk);
        Assert.Equal((WalkStatus.Listing, 512), (state.Status, state.Enqueued));
        Assert.Equal(1, await CountAsync("-walks"));
        Assert.Null((await (await QueueAsync("-walks")).PeekMessageAsync(Cancel)).Value); // It waits.

        List<string> enqueued = await EnqueuedAsync();
        await host.GetRequiredService<QueuedWalks>().ProcessAsync(WalkMessage.Write(walk), 1, Cancel);
        Assert.Equal(Names(600), [.. enqueued, .. await EnqueuedAsync()]);
    }

    [Fact]
    public async Task ProcessAsync_SeveralWalksAtOnce_EachEnqueuesItsOwn()
    {
        BlobContainerClient container = await FilledAsync(40);
        await using ServiceProvider host = await HostAsync(container);
        for (int tens = 0; tens < 4; tens++)
            await StartAsync(host, container, walk => walk with { Prefix = $"00{tens}" });

        List<string> messages = await EmptyAsync("-walks");
        await Task.WhenAll(messages.Select(message => host.GetRequiredService<QueuedWalks>().ProcessAsync(message, 1, Cancel)));

        Assert.Equal(4, messages.Count);
        Assert.Equal(Names(40), (await EnqueuedAsync()).Order(StringComparer.Ordinal));
    }

    // A message that comes again while the first is still worked on: the later one has the walk.
    [Fact]
    public async Task ProcessAsync_SameWalkTwiceAtOnce_IsEnqueuedOnceButForAStep()
    {
        BlobContainerClient container = await FilledAsync(1500);
        await using ServiceProvider host = await HostAsync(container);
        string walk = await StartAsync(host, container);
        string message = Assert.Single(await EmptyAsync("-walks"));
        QueuedWalks walks = host.GetRequiredService<QueuedWalks>();

        Task first = walks.ProcessAsync(message, 1, Cancel);
        while ((await StateAsync(host, walk)).Enqueued == 0)
            await Task.Delay(5, Cancel);
        await Task.WhenAll(first, walks.ProcessAsync(message, 1, Cancel));

        Assert.Equal(WalkStatus.Listed, (await StateAsync(host, walk)).Status);
        List<string> enqueued = await EnqueuedAsync();
        Assert.Equal(Names(1500), enqueued.Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(enqueued.Count, 1500, 2012);
    }

    [Fact]
    public async Task ProcessAsync_Stopped_ListsNoFurther()
    {
        BlobContainerClient container = await FilledAsync(10);
        await using ServiceProvider host = await HostAsync(container);
        string walk = await StartAsync(host, container);

        Assert.Equal(WalkStatus.Stopped, (await host.GetRequiredService<WalkStore>().StopAsync(walk, Cancel))!.Status);
        await WalkAsync(host);

        Assert.Equal(0, await CountAsync());
        Assert.Equal(WalkStatus.Stopped, (await StateAsync(host, walk)).Status);
    }

    [Fact]
    public async Task ProcessAsync_NoContainer_FailsTheWalkAndSaysWhy()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await using ServiceProvider host = await HostAsync(container);
        string walk = await StartAsync(host, container, walk => walk with { Container = "no-such-container" });

        await WalkAsync(host);

        WalkState state = await StateAsync(host, walk);
        Assert.Equal(WalkStatus.Failed, state.Status);
        Assert.Contains("container does not exist", state.Error, StringComparison.Ordinal);
    }

    // As after a process that died: the walk continues, however often that happens.
    [Fact]
    public async Task ProcessAsync_DeliveredAgain_IsAFreshMessage()
    {
        BlobContainerClient container = await FilledAsync(3);
        await using ServiceProvider host = await HostAsync(container);
        await StartAsync(host, container);
        string message = Assert.Single(await EmptyAsync("-walks"));

        await host.GetRequiredService<QueuedWalks>().ProcessAsync(message, 5, Cancel);

        Assert.Equal(0, await CountAsync());
        Assert.Equal([message], await EmptyAsync("-walks"));
    }

    [Theory]
    [InlineData("walk")]
    [InlineData("""{"v":2,"walk":"a"}""")]
    [InlineData("""{"v":1}""")]
    public async Task ProcessAsync_MessageThatCantBeRead_IsPoisonAtOnce(string text)
    {
        await using ServiceProvider host = await HostAsync(await Azurite.CreateContainerAsync());

        await host.GetRequiredService<QueuedWalks>().ProcessAsync(text, 1, Cancel);

        Assert.Equal([text], await EmptyAsync("-walks-poison"));
    }

    private static QueuedWalks Hasty(IServiceProvider host) => new(
        host.GetRequiredService<ImageStorage>(), host.GetRequiredService<BlobClassifier>(), host.GetRequiredService<BlobsOptions>(),
        host.GetRequiredService<WorkQueues>(), host.GetRequiredService<WalkStore>(), NullLogger<QueuedWalks>.Instance)
    {
        Budget = TimeSpan.FromMilliseconds(-1),
    };

    private static IEnumerable<string> Names(int images) => Enumerable.Range(0, images).Select(i => $"{i:D4}.png");

    private async Task<BlobContainerClient> FilledAsync(int images)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await Parallel.ForEachAsync(Names(images), Cancel, async (name, _) => await UploadAsync(container, name, "x"u8.ToArray()));
        return container;
    }

    private async Task<List<string>> EnqueuedAsync() =>
        [.. (await EmptyAsync()).SelectMany(text => WorkMessage.Read(text)!.Images).Order(StringComparer.Ordinal)];

    // The result of the image as it is.
    private static async Task ResultAsync(BlobContainerClient results, BlobContainerClient images, string result, string status, int attempts = 0)
    {
        string image = result.Replace(".classification", "", StringComparison.Ordinal)[..^".json".Length];
        string etag = ResultMetadata.Plain((await images.GetBlobClient(image).GetPropertiesAsync(cancellationToken: Cancel)).Value.ETag);
        await results.GetBlobClient(result).UploadAsync(
            new BinaryData("{}"),
            new BlobUploadOptions { Metadata = new ResultMetadata(images.Name, etag, status, "sha", attempts).Write() }, Cancel);
    }
}
