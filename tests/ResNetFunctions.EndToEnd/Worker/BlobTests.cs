using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging.Abstractions;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.EndToEnd.Blobs;
using ResNetFunctions.EndToEnd.Worker.Protocol;
using ResNetFunctions.Inference;
using static ResNetFunctions.EndToEnd.Worker.Protocol.StatusResult.Types;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>Blob and timer invocations of the worker, on a real Azurite: whatever happens, one right result.</summary>
public sealed class BlobTests(AzuriteFixture azurite, BlobModels models, Workers workers) : BlobTest(azurite, models)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("a.png")]
    [InlineData("deep/er/Grüße 50% #1?.png")]
    public async Task ClassifyBlob_Image_HasItsResultBesideIt(string name)
    {
        FunctionsWorker worker = await workers.WithStorageAsync(Azurite);
        BlobClient image = await UploadAsync(await Azurite.CreateContainerAsync(), name, Picture(1));

        await SucceedsAsync(worker.InvokeBlobAsync(image.BlobContainerName, image.Name));

        await AssertResultAsync(image, Picture(1));
    }

    [Fact]
    public async Task ClassifyBlob_SameEventTwice_LeavesTheFirstResultAlone()
    {
        FunctionsWorker worker = await workers.WithStorageAsync(Azurite);
        BlobClient image = await UploadAsync(await Azurite.CreateContainerAsync(), "a.png", Picture(1));

        await SucceedsAsync(worker.InvokeBlobAsync(image.BlobContainerName, image.Name));
        BlobProperties first = await ResultOf(image).GetPropertiesAsync(cancellationToken: Cancel);
        await SucceedsAsync(worker.InvokeBlobAsync(image.BlobContainerName, image.Name));

        Assert.Equal(first.ETag, (await ResultOf(image).GetPropertiesAsync(cancellationToken: Cancel)).Value.ETag);
        await AssertResultAsync(image, Picture(1));
    }

    [Fact]
    public async Task ClassifyBlob_SameEventManyTimesAtOnce_HasOneRightResult()
    {
        FunctionsWorker worker = await workers.WithStorageAsync(Azurite);
        BlobClient image = await UploadAsync(await Azurite.CreateContainerAsync(), "a.png", Picture(1));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SucceedsAsync(worker.InvokeBlobAsync(image.BlobContainerName, image.Name))));

        await AssertResultAsync(image, Picture(1));
        Assert.Equal(["a.png", "a.png.classification.json"], await NamesAsync(image.GetParentBlobContainerClient()));
    }

    [Fact]
    public async Task ClassifyBlob_Gone_SucceedsAndLeavesNothing()
    {
        FunctionsWorker worker = await workers.WithStorageAsync(Azurite);
        BlobContainerClient container = await Azurite.CreateContainerAsync();

        await SucceedsAsync(worker.InvokeBlobAsync(container.Name, "gone.png"));

        Assert.Empty(await NamesAsync(container));
    }

    [Fact]
    public async Task ClassifyBlob_NoImage_IsRejectedAndNotRetried()
    {
        FunctionsWorker worker = await workers.WithStorageAsync(Azurite);
        BlobClient blob = await UploadAsync(await Azurite.CreateContainerAsync(), "a.txt", "text"u8.ToArray());

        await SucceedsAsync(worker.InvokeBlobAsync(blob.BlobContainerName, blob.Name));

        Assert.Equal("rejected", (await ResultAsync(blob))!.Value.GetProperty("status").GetString());
    }

    // The host sees the failure and retries by its own rules.
    [Fact]
    public async Task ClassifyBlob_NoModel_FailsAndWritesNothing()
    {
        await using FunctionsWorker worker = await Workers.StartAsync(
            ("ImageStorage", await Azurite.ConnectionStringAsync()), ("ResNet__ModelsPath", workers.WithoutWeights));
        BlobClient image = await UploadAsync(await Azurite.CreateContainerAsync(), "a.png", Picture(1));

        InvocationResponse response = await worker.InvokeBlobAsync(image.BlobContainerName, image.Name);

        Assert.Equal(Status.Failure, response.Result.Status);
        Assert.Null(await ResultAsync(image));
    }

    [Fact]
    public async Task ClassifyBlob_Image_HasTheResultThatServesListenerWrites()
    {
        FunctionsWorker worker = await workers.WithStorageAsync(Azurite);
        BlobClient image = await UploadAsync(await Azurite.CreateContainerAsync(), "alps.jpg", Workers.Sample);
        var options = new ResNetOptions { DefaultModel = "resnet18-mlnet" };
        using var classifier = new Classifier(options);

        await SucceedsAsync(worker.InvokeBlobAsync(image.BlobContainerName, image.Name));
        (string Body, IDictionary<string, string> Metadata) ofWorker = await SidecarAsync(image);
        await ResultOf(image).DeleteAsync(cancellationToken: Cancel);
        await ListenAsync(image, NewClassifier(classifier, options), options);
        (string Body, IDictionary<string, string> Metadata) ofServe = await SidecarAsync(image);

        Assert.Equal(ofServe.Body, ofWorker.Body);
        // Neither was given weights: the bundled model answers, truly.
        Assert.Contains("\"weights\":\"bundled\"", ofWorker.Body, StringComparison.Ordinal);
        Assert.Contains("\"predictions\":[{\"index\":970,\"category\":\"n09193705\",\"label\":\"alp\"", ofWorker.Body, StringComparison.Ordinal);
        Assert.Equal(ofServe.Metadata, ofWorker.Metadata);
    }

    // 3: before the image is read; 4: before the result is written; 5: after that.
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task ClassifyBlob_WorkerKilledHalfWay_HasOneRightResultAfterTheHostsRetry(int request)
    {
        BlobClient image = await UploadAsync(await Azurite.CreateContainerAsync(), "a.png", Picture(1));
        await using StorageProxy storage = await StorageProxy.StartAsync(await Azurite.ConnectionStringAsync());
        await using FunctionsWorker worker = await Workers.StartAsync(("ImageStorage", storage.ConnectionString));
        storage.Before = number =>
        {
            if (number == request)
                worker.Process.Kill();
            return number >= request ? Task.Delay(Timeout.Infinite, Cancel) : Task.CompletedTask;
        };

        Task<InvocationResponse> killed = worker.InvokeBlobAsync(image.BlobContainerName, image.Name);
        Assert.True(await Record.ExceptionAsync(() => killed.WaitAsync(Patience, Cancel)) is IOException, string.Join('\n', storage.Requests));
        Assert.Equal(request == 5, await ResultAsync(image) is not null);
        await SucceedsAsync((await workers.WithStorageAsync(Azurite)).InvokeBlobAsync(image.BlobContainerName, image.Name));

        await AssertResultAsync(image, Picture(1));
        Assert.Equal(["a.png", "a.png.classification.json"], await NamesAsync(image.GetParentBlobContainerClient()));
    }

    [Fact]
    public async Task ClassifyBlob_CancelledHalfWay_FailsAndWritesNothing()
    {
        BlobClient image = await UploadAsync(await Azurite.CreateContainerAsync(), "a.png", Picture(1));
        await using StorageProxy storage = await StorageProxy.StartAsync(await Azurite.ConnectionStringAsync());
        await using FunctionsWorker worker = await Workers.StartAsync(("ImageStorage", storage.ConnectionString));
        storage.Before = number =>
        {
            if (number == 3)
                worker.Cancel("half-way");
            return number >= 3 ? Task.Delay(Timeout.Infinite, Cancel) : Task.CompletedTask;
        };

        InvocationResponse response = await worker.InvokeBlobAsync(image.BlobContainerName, image.Name, "half-way").WaitAsync(Patience, Cancel);

        Assert.NotEqual(Status.Success, response.Result.Status);
        Assert.Null(await ResultAsync(image));
    }

    [Fact]
    public async Task SweepImages_AfterLostEvents_ClassifiesWhatWasMissedAndNothingElse()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient[] images = [await UploadAsync(container, "a.png", Picture(1)), await UploadAsync(container, "b/c.png", Picture(2)), await UploadAsync(container, "d.png", Picture(3))];
        await using WorkerHost host = await SweeperAsync(container);
        await SucceedsAsync(host.Worker.InvokeBlobAsync(container.Name, "b/c.png"));
        BlobProperties before = await ResultOf(images[1]).GetPropertiesAsync(cancellationToken: Cancel);
        await Task.Delay(1100, Cancel); // Storage tells times in whole seconds.

        await SucceedsAsync(host.Worker.InvokeSweepAsync());
        await host.UntilEmptyAsync(Patience);

        for (int i = 0; i < images.Length; i++)
            await AssertResultAsync(images[i], Picture(i + 1));
        Assert.Equal(before.ETag, (await ResultOf(images[1]).GetPropertiesAsync(cancellationToken: Cancel)).Value.ETag);
    }

    [Fact]
    public async Task SweepImages_BesideTheTriggerOnTheSameBlobs_LeavesOneRightResultEach()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient[] images = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => UploadAsync(container, $"{i:00}.png", Picture(i))));
        await using WorkerHost host = await SweeperAsync(container);
        await Task.Delay(1100, Cancel); // Storage tells times in whole seconds.

        await Task.WhenAll(images.Select(image => SucceedsAsync(host.Worker.InvokeBlobAsync(container.Name, image.Name))).Append(SucceedsAsync(host.Worker.InvokeSweepAsync())));
        await host.UntilEmptyAsync(Patience);

        for (int i = 0; i < images.Length; i++)
            await AssertResultAsync(images[i], Picture(i));
        Assert.Equal(2 * images.Length, (await NamesAsync(container)).Length);
    }

    [Fact]
    public async Task BothTriggers_AtOnceFromTheFirstMoment_LoadOneSession()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient[] images = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => UploadAsync(container, $"{i:00}.png", Picture(i))));
        await using FunctionsWorker worker = await Workers.StartAsync(("ImageStorage", await Azurite.ConnectionStringAsync()));

        Task[] blobs = [.. images.Select(image => SucceedsAsync(worker.InvokeBlobAsync(container.Name, image.Name)))];
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => worker.Client.ClassifyAsync(Workers.Sample)));
        await Task.WhenAll(blobs);

        foreach (HttpResponseMessage answer in answers)
            await answer.IsOkAsync();
        for (int i = 0; i < images.Length; i++)
            await AssertResultAsync(images[i], Picture(i));
        using HttpResponseMessage list = await worker.Client.GetAsync("api/models", Cancel);
        Assert.Equal(1, (await list.IsOkAsync()).GetProperty("loads").GetInt32());
    }

    [Theory]
    [InlineData("missing", null)]
    [InlineData("wrong", "no connection string")]
    [InlineData("away", "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:1/devstoreaccount1")]
    public async Task ImageStorage_MissingWrongOrAway_FailsBlobsAndLeavesHttpAlone(string _, string? connection)
    {
        await using FunctionsWorker worker = connection is null ? await Workers.StartAsync() : await Workers.StartAsync(("ImageStorage", connection));

        Task<InvocationResponse> blob = worker.InvokeBlobAsync("images", "a.png"), sweep = worker.InvokeSweepAsync();
        using HttpResponseMessage answer = await worker.Client.ClassifyAsync(Workers.Sample);

        await answer.IsOkAsync();
        Assert.Equal(Status.Failure, (await blob.WaitAsync(Patience, Cancel)).Result.Status);
        Assert.Equal(Status.Failure, (await sweep.WaitAsync(Patience, Cancel)).Result.Status);
        Assert.False(worker.Process.HasExited);
    }

    // As `serve --storage`, until it has written one result.
    private static async Task ListenAsync(BlobClient image, BlobClassifier classifier, ResNetOptions options)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var listener = new ImageListener(classifier, options, image.GetParentBlobContainerClient(), null, NullLogger.Instance)
        {
            Done = (_, outcome) =>
            {
                Assert.Equal(BlobOutcome.Classified, outcome);
                stop.Cancel();
            },
        };
        await listener.RunAsync(stop.Token).WaitAsync(Patience, Cancel);
    }

    private async Task<WorkerHost> SweeperAsync(BlobContainerClient container) => await WorkerHost.StartAsync(
        workers, await Azurite.ConnectionStringAsync(), $"q{Guid.NewGuid():N}",
        ("Blobs__ImagesContainer", container.Name), ("Blobs__SweepMinimumAge", "00:00:00"));

    private static async Task SucceedsAsync(Task<InvocationResponse> invocation)
    {
        InvocationResponse response = await invocation.WaitAsync(Patience, Cancel);
        Assert.True(response.Result.Status == Status.Success, response.Result.Exception?.Message);
    }

    private static async Task<string[]> NamesAsync(BlobContainerClient container) =>
        await container.GetBlobsAsync(cancellationToken: Cancel).Select(blob => blob.Name).ToArrayAsync(Cancel);

    // Without times.
    private static async Task<(string Body, IDictionary<string, string> Metadata)> SidecarAsync(BlobClient image)
    {
        BlobDownloadResult result = await ResultOf(image).DownloadContentAsync(Cancel);
        JsonObject body = JsonNode.Parse(result.Content)!.AsObject();
        Assert.True(body.Remove("timings") && body.Remove("classifiedAt"));
        return (body.ToJsonString(), result.Details.Metadata);
    }
}
