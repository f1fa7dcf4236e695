using System.Diagnostics;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.DependencyInjection;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.EndToEnd.Blobs;
using ResNetFunctions.EndToEnd.Worker;

namespace ResNetFunctions.EndToEnd.Queue;

/// <summary>Kills real processes, the Functions worker and <c>resnet blobs work</c>. Full size: <code>dotnet run --project
/// tests/ResNetFunctions.EndToEnd -c Release -- -explicit only -class "*KillTests" -showLiveOutput</code></summary>
[Collection(nameof(Sequential))]
public sealed class KillTests(AzuriteFixture azurite, BlobModels models, Workers workers, ITestOutputHelper output) : QueueTest(azurite, models)
{
    [Fact]
    public Task ThreeWorkers_OneKilledEverySoOften_LeaveOneRightResultEach() => KillAsync(160, TimeSpan.FromSeconds(2), kills: 3);

    [Fact(Explicit = true)]
    public Task ThreeWorkers_OneKilledEveryFiveSeconds_LeaveTwoThousandRightResults() => KillAsync(2000, TimeSpan.FromSeconds(5), kills: int.MaxValue);

    // Of `work` the message comes back after 30 s, of the Functions worker at once.
    [Fact]
    public async Task Image_ThatKillsTheProcess_IsFailedAfterFiveAttemptsAndTakesNoOtherWithIt()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await Task.WhenAll(Enumerable.Range(0, 31).Select(i => UploadAsync(container, Image(i), Picture(i))));
        BlobClient killer = await UploadAsync(container, "0015-kills.png", Picture(99));
        await using StorageProxy storage = await StorageProxy.StartAsync(await Azurite.ConnectionStringAsync());
        await using WorkerHost host = await WorkerHost.StartAsync(workers, storage.ConnectionString, Name, await SettingsAsync(container));
        int kills = 0;
        storage.BeforeRequest = (method, path) =>
        {
            if (method != "GET" || !path.EndsWith("-kills.png", StringComparison.Ordinal))
                return Task.CompletedTask;
            Interlocked.Increment(ref kills);
            host.Worker.Process.Kill();
            return Task.Delay(Timeout.Infinite, Cancel);
        };
        WorkMessage message = Message(container, [.. Enumerable.Range(0, 31).Select(Image).Append(killer.Name)]);

        await SendAsync(message);
        await host.UntilEmptyAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(5, kills);
        Assert.Equal("failed", (await ResultAsync(killer))!.Value.GetProperty("status").GetString());
        for (int i = 0; i < 31; i++)
            await AssertResultAsync(container.GetBlobClient(Image(i)), Picture(i));
        Assert.Equal(0, await CountAsync("-poison"));
        Assert.All(storage.ResultsWritten.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public Task Walk_StoppedThreeTimes_EnqueuesAllThatNeedWorkAndLittleTwice() => WalkAsync(images: 4000, mostTwice: 3 * 512);

    [Fact(Explicit = true)]
    public Task Walk_OverAHundredThousandStoppedThreeTimes_EnqueuesAllThatNeedWorkAndAFewTwice() => WalkAsync(images: 100_000, mostTwice: 2500);

    private async Task WalkAsync(int images, int mostTwice)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await WalkFigures.FillAsync(container, images);
        await using WorkerHost host = await WorkerHost.StartAsync(
            workers, await Azurite.ConnectionStringAsync(), Name, ["WalkImages"], await SettingsAsync(container));
        await using ServiceProvider services = await HostAsync(container);
        long began = Stopwatch.GetTimestamp();
        string walk = await StartAsync(services, container);

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(Math.Max(2, images / 10_000)));
        for (int kills = 0; (await StateAsync(services, walk)).Status == WalkStatus.Listing; await Task.Delay(10, limit.Token))
        {
            if (kills == 3 || (await StateAsync(services, walk)).Enqueued < images / 2 * (kills + 1) / 4)
                continue;
            await host.KillAsync();
            kills++;
        }
        output.WriteLine($"{images} images listed by a walk that was stopped three times: {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");

        Assert.Equal(3, host.Failures.Count);
        string[] enqueued = [.. (await EmptyAsync()).SelectMany(text => WorkMessage.Read(text)!.Images)];
        Assert.Equal(WalkFigures.WithoutResult(images), enqueued.Distinct().Order(StringComparer.Ordinal));
        output.WriteLine($"{enqueued.Length - images / 2} of {images / 2} were enqueued twice");
        Assert.InRange(enqueued.Length - images / 2, 0, mostTwice);
    }

    private async Task KillAsync(int images, TimeSpan every, int kills)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        ETags before = await FillAsync(container, images);
        string model = (await ModelAsync())!;
        await using StorageProxy storage = await StorageProxy.StartAsync(await Azurite.ConnectionStringAsync());
        await using WorkerHost host = await WorkerHost.StartAsync(workers, storage.ConnectionString, Name, await SettingsAsync(container));
        List<ResnetCommand> commands = [await WorkAsync(storage), await WorkAsync(storage)];
        try
        {
            long began = Stopwatch.GetTimestamp();
            await using (ServiceProvider services = await HostAsync(container))
                await StartAsync(services, container);

            int killed = 0;
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(Math.Max(3, images / 100)));
            for (long next = Stopwatch.GetTimestamp(); !await IsDoneAsync(storage, images); await Task.Delay(200, limit.Token))
            {
                if (Stopwatch.GetElapsedTime(next) < every || killed == kills)
                    continue;
                if (killed % 3 == 0)
                {
                    await host.KillAsync();
                }
                else
                {
                    commands[killed % 3 - 1].Dispose();
                    commands[killed % 3 - 1] = await WorkAsync(storage);
                }
                killed++;
                next = Stopwatch.GetTimestamp();
            }
            output.WriteLine($"{images} pictures, {killed} of three workers killed, {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
            Assert.InRange(killed, 1, int.MaxValue);
        }
        finally
        {
            commands.ForEach(command => command.Dispose());
        }

        Assert.Equal((0, 0), (await CountAsync("-poison"), await CountAsync("-walks-poison")));
        Assert.Equal(images, storage.ResultsWritten.Count);
        Assert.All(storage.ResultsWritten, written => Assert.True(written.Value == 1, $"{written.Key}: {written.Value} times"));
        await AssertAllRightAsync(container, before, model);
    }

    private async Task<bool> IsDoneAsync(StorageProxy storage, int images) =>
        storage.ResultsWritten.Count >= images && await CountAsync() + await CountAsync("-walks") == 0;

    private sealed record ETags(Dictionary<string, string> OfImages);

    private static async Task<ETags> FillAsync(BlobContainerClient container, int images)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, images), Cancel, async (i, _) => await UploadAsync(container, Image(i), Picture(i)));
        return new ETags(await container.GetBlobsAsync(cancellationToken: Cancel)
            .ToDictionaryAsync(blob => blob.Name, blob => ResultMetadata.Plain(blob.Properties.ETag!.Value), cancellationToken: Cancel));
    }

    // Each image as it was, each result of that version and of the model; nothing else.
    private static async Task AssertAllRightAsync(BlobContainerClient container, ETags before, string model)
    {
        int results = 0;
        await foreach (BlobItem blob in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, Cancel))
        {
            if (!ResultName.IsResult(blob.Name))
            {
                Assert.Equal(before.OfImages[blob.Name], ResultMetadata.Plain(blob.Properties.ETag!.Value));
                continue;
            }
            results++;
            ResultMetadata metadata = ResultMetadata.Read(blob.Metadata)!;
            Assert.Equal("classified", metadata.Status);
            Assert.Equal(before.OfImages[blob.Name[..^ResultName.Suffix.Length]], metadata.SourceETag);
            Assert.Equal(model, metadata.ModelSha256);
        }
        Assert.Equal(before.OfImages.Count, results);
    }

    private async Task<(string, string)[]> SettingsAsync(BlobContainerClient container)
    {
        ResNetOptions options = Models.Options(1);
        return
        [
            ("Blobs__ImagesContainer", container.Name), ("ResNet__DefaultModel", options.DefaultModel!),
            ("ResNet__ModelsPath", options.ModelsPath!),
        ];
    }

    private async Task<string?> ModelAsync()
    {
        ResNetOptions options = Models.Options(1);
        using var classifier = new Inference.Classifier(options);
        return (await classifier.WarmUpAsync(null, Cancel)).Sha256;
    }

    private async Task<ResnetCommand> WorkAsync(StorageProxy storage) => ResnetCommand.Start(
        Models.Options(1), ["blobs", "work", "--storage", storage.ConnectionString], ("Blobs__WorkQueue", Name));

    private async Task SendAsync(WorkMessage message)
    {
        var queue = await QueueAsync();
        await queue.CreateIfNotExistsAsync(cancellationToken: Cancel);
        await queue.SendMessageAsync(message.Write(), Cancel);
    }

    private static string Image(int i) => $"{i:D4}.png";
}

/// <summary>Tests that take both cores, one after the other.</summary>
[CollectionDefinition(nameof(Sequential), DisableParallelization = true)]
public sealed class Sequential;
