using System.Collections.Concurrent;
using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging.Abstractions;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.EndToEnd.Blobs;

public sealed class ImageListenerTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    [Fact]
    public async Task RunAsync_UploadedBeforeAndAfter_AreClassified()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient before = await UploadAsync(container, "before.png", Picture(1));
        await using var listening = new Listening(this, container);
        await listening.UntilAsync(1);

        BlobClient after = await UploadAsync(container, "after.png", Picture(2));
        await listening.UntilAsync(2);
        await UploadAsync(container, "before.png", Picture(3));
        await listening.UntilAsync(3);

        await AssertResultAsync(before, Picture(3));
        await AssertResultAsync(after, Picture(2));
    }

    // As many as Azure's own polling trigger loses most of on Azurite.
    [Fact]
    public async Task RunAsync_BurstOf500_LosesNoneAndWritesEachOnce()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        var hook = new RequestHook();
        await using var listening = new Listening(this, (await WatchedAsync(container.GetBlobClient("x"), hook)).GetParentBlobContainerClient());
        await Task.Delay(500, Cancel);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => UploadAsync(container, $"burst/{i:D3}.png", Picture(i))));
        await listening.UntilAsync(500);

        for (int i = 0; i < 500; i++)
            await AssertResultAsync(container.GetBlobClient($"burst/{i:D3}.png"), Picture(i));
        Assert.Equal(500, hook.Writes);
    }

    // The walk takes one blob at a time, which would take minutes to reach the new ones.
    [Fact]
    public async Task RunAsync_NewImagesInALargeContainer_DoNotWaitForTheWalk()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => UploadAsync(container, $"{i:D3}.png", Picture(i))));
        await using var listening = new Listening(this, container, pageSize: 1);
        await listening.UntilAsync(200);

        BlobClient added = await UploadAsync(container, "added.png", Picture(200));
        await listening.UntilAsync(201);
        BlobClient changed = await UploadAsync(container, "199.png", Picture(201));
        await listening.UntilAsync(202);

        await AssertResultAsync(added, Picture(200));
        await AssertResultAsync(changed, Picture(201));
    }

    // Only a walk notices that a result is gone.
    [Fact]
    public async Task RunAsync_ResultDeletedInALargeContainer_ComesAgain()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient[] images = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => UploadAsync(container, $"{i}.png", Picture(i))));
        await using var listening = new Listening(this, container, pageSize: 2);
        await listening.UntilAsync(6);

        await ResultOf(images[5]).DeleteAsync(cancellationToken: Cancel);
        await listening.UntilAsync(7);

        await AssertResultAsync(images[5], Picture(5));
    }

    [Fact]
    public async Task RunAsync_OneImageNeverWorks_OthersGoOnAndItIsGivenUp()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient bad = await UploadAsync(container, "bad.png", Picture(1));
        string version = ResultMetadata.Plain((await bad.GetPropertiesAsync(cancellationToken: Cancel)).Value.ETag);
        var threeTries = new ResultMetadata(container.Name, version, ResultMetadata.Pending, Attempts: WorkRule.MaxAttempts - 2);
        await ResultOf(bad).UploadAsync(new BinaryData("{}"), new BlobUploadOptions { Metadata = threeTries.Write() }, Cancel);
        var hook = new RequestHook
        {
            After = (_, message) =>
            {
                if (message.Request.Method == RequestMethod.Get && message.Request.Uri.Path.EndsWith("bad.png", StringComparison.Ordinal))
                    throw new InvalidDataException("No byte of it can be read.");
            },
        };
        await using var listening = new Listening(this, (await WatchedAsync(bad, hook)).GetParentBlobContainerClient());

        BlobClient good = await UploadAsync(container, "good.png", Picture(2));
        await listening.UntilAsync(2);

        await AssertResultAsync(good, Picture(2));
        Assert.Equal(BlobOutcome.Failed, listening.Outcomes["bad.png"]);
        Assert.Equal("failed", (await ResultAsync(bad))!.Value.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RunAsync_BusyAnswersAndDroppedConnections_LoseNothing(int seed)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await using var proxy = new FlakyProxy(container.Uri.Port, seed);
        string connection = (await Azurite.ConnectionStringAsync()).Replace($":{container.Uri.Port}/", $":{proxy.Port}/", StringComparison.Ordinal);
        var hook = new RequestHook();
        var options = new BlobClientOptions { Retry = { Delay = TimeSpan.FromMilliseconds(10) } };
        options.AddPolicy(hook, HttpPipelinePosition.PerRetry);
        await using var listening = new Listening(this, new BlobServiceClient(connection, options).GetBlobContainerClient(container.Name));

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => UploadAsync(container, $"{i}.png", Picture(i))));
        await listening.UntilAsync(60, container);

        Assert.True(hook.Writes <= 60, $"{hook.Writes} writes");
        Assert.True(proxy.Faults is { Refused: > 0, Unavailable: > 0, Cut: > 0 }, $"{proxy.Faults}");
        for (int i = 0; i < 60; i++)
            await AssertResultAsync(container.GetBlobClient($"{i}.png"), Picture(i));
    }

    [Fact]
    public async Task RunAsync_Stopped_FinishesWhatIsInHand()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        var reached = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var hook = new RequestHook
        {
            Before = async n =>
            {
                if (n != 6) // After the listing, the properties of both, the count and the download: the write.
                    return;
                reached.SetResult();
                await release.Task;
            },
        };
        var listening = new Listening(this, (await WatchedAsync(image, hook)).GetParentBlobContainerClient());
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        Task stopped = listening.DisposeAsync().AsTask();
        await Task.Delay(200, Cancel);
        Assert.False(stopped.IsCompleted);
        release.SetResult();
        await stopped;

        await AssertResultAsync(image, Picture(1));
    }

    [Fact]
    public async Task RunAsync_UsersOwnResultAndLongNames_AreNotAskedForAgain()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await UploadAsync(container, "a.png", Picture(1));
        await UploadAsync(container, "a.png.classification.json", "mine"u8.ToArray());
        await UploadAsync(container, string.Join('/', Enumerable.Repeat(new string('n', 100), 10)), Picture(1));
        await UploadAsync(container, "b.png", Picture(2));
        ConcurrentBag<string> paths = [];
        var hook = new RequestHook { After = (_, message) => paths.Add(message.Request.Uri.Path) };

        await using (var listening = new Listening(this, (await WatchedAsync(container.GetBlobClient("b.png"), hook)).GetParentBlobContainerClient()))
            await listening.UntilAsync(1);

        Assert.Contains(paths, path => path.Contains("b.png", StringComparison.Ordinal));
        Assert.DoesNotContain(paths, path => path.Contains("a.png", StringComparison.Ordinal) || path.Contains("nnn", StringComparison.Ordinal));
    }

    /// <summary>A listener that runs until this is disposed.</summary>
    private sealed class Listening : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly SemaphoreSlim _done = new(0);
        private readonly Task _running;
        private int _seen;

        public Listening(ImageListenerTests test, BlobContainerClient container, int pageSize = 1000)
        {
            var listener = new ImageListener(
                test.NewClassifier(), test.Models.Options(), container, null, NullLogger.Instance)
            {
                PageSize = pageSize,
                Done = (image, outcome) =>
                {
                    Outcomes[image] = outcome;
                    _done.Release();
                },
            };
            _running = Task.Run(() => listener.RunAsync(_stop.Token), CancellationToken.None);
        }

        public ConcurrentDictionary<string, BlobOutcome> Outcomes { get; } = new();

        /// <summary>Waits until that many results were written since the beginning.</summary>
        public async Task UntilAsync(int results)
        {
            for (; _seen < results; _seen++)
                Assert.True(await _done.WaitAsync(TimeSpan.FromSeconds(60), Cancel), $"Only {_seen} of {results} results came.");
        }

        /// <summary>Waits until the container holds that many results.</summary>
        public async Task UntilAsync(int results, BlobContainerClient container)
        {
            for (int i = 0; i < 300 && !_running.IsCompleted; i++)
            {
                int count = 0;
                await foreach (BlobItem blob in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, Cancel))
                    count += ResultMetadata.Read(blob.Metadata) is { Status: ResultMetadata.Classified } ? 1 : 0;
                if (count == results)
                    return;
                await Task.Delay(200, Cancel);
            }
            Assert.Fail($"Not all of the {results} results came.");
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}
