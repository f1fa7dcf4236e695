using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.EndToEnd.Blobs;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.EndToEnd.Queue;

public sealed class ImageSweepTests(AzuriteFixture azurite, BlobModels models) : QueueTest(azurite, models)
{
    [Fact]
    public async Task StartAsync_MissedImages_AreEnqueuedOnceTheyAreOldEnough()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await UploadAsync(container, "a.png", Picture(1));
        await NewClassifier().ClassifyAsync(await UploadAsync(container, "b.png", Picture(2)), Cancel);

        await using (ServiceProvider host = await HostAsync(container, ("Blobs:SweepMinimumAge", "00:10:00")))
            await SweepAsync(host);
        Assert.Equal(0, await CountAsync());

        await Task.Delay(1100, Cancel); // Storage tells times in whole seconds.
        await using (ServiceProvider host = await HostAsync(container, ("Blobs:SweepMinimumAge", "00:00:00")))
            await SweepAsync(host);
        Assert.Equal(["a.png"], WorkMessage.Read(Assert.Single(await EmptyAsync()))!.Images);
    }

    [Fact]
    public async Task StartAsync_WhileItsLastWalkIsUnderWay_StartsNone()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await UploadAsync(container, "a.png", Picture(1));
        await Task.Delay(1100, Cancel);
        await using ServiceProvider host = await HostAsync(container, ("Blobs:SweepMinimumAge", "00:00:00"));
        ImageSweep sweep = host.GetRequiredService<ImageSweep>();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => sweep.StartAsync(Cancel)));
        await sweep.StartAsync(Cancel);
        Assert.Equal(1, await CountAsync("-walks"));

        // Its images are still in the queue: they would be found again.
        await WalkAsync(host);
        await sweep.StartAsync(Cancel);
        Assert.Equal((0, 1), (await CountAsync("-walks"), await CountAsync()));

        await EmptyAsync();
        await sweep.StartAsync(Cancel);
        Assert.Equal(1, await CountAsync("-walks"));
    }

    // A process may end between writing a walk and sending its message, and a message can be lost.
    [Fact]
    public async Task StartAsync_LastWalkSilentForLong_ContinuesIt()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await using ServiceProvider host = await HostAsync(container);
        await SweepAsync(host);
        string id = $"sweep-{container.Name}";
        WalkState silent = await StateAsync(host, id) with { Status = WalkStatus.Listing, Updated = DateTimeOffset.UtcNow.AddMinutes(-16) };
        await host.GetRequiredService<ImageStorage>().Container(Name).GetBlobClient($"walks/{id}.json")
            .UploadAsync(new BinaryData(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(silent, QueueJson.Default.WalkState)), overwrite: true, Cancel);

        await SweepAsync(host);

        Assert.Equal(WalkStatus.Listed, (await StateAsync(host, id)).Status);
    }

    [Fact]
    public async Task StartAsync_NoModel_DoesNothing()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        ResNetOptions options = Models.Options();
        options.DefaultModel = "no-such-model";
        await using ServiceProvider host = Host(options, [("ImageStorage", await Azurite.ConnectionStringAsync()), ("Blobs:ImagesContainer", container.Name)]);

        await host.GetRequiredService<ImageSweep>().StartAsync(Cancel);

        Assert.Equal(0, await CountAsync("-walks"));
    }

    [Fact]
    public async Task StartAsync_NoStorageConfigured_SaysWhatIsMissing()
    {
        await using ServiceProvider host = Host(Models.Options(), []);

        var e = await Assert.ThrowsAsync<UnavailableException>(() => host.GetRequiredService<ImageSweep>().StartAsync(Cancel));

        Assert.Equal(ErrorCode.Misconfigured, e.Code);
        Assert.Contains("ImageStorage__blobServiceUri", e.Message, StringComparison.Ordinal);
    }

    private async Task SweepAsync(ServiceProvider host)
    {
        await host.GetRequiredService<ImageSweep>().StartAsync(Cancel);
        await WalkAsync(host);
    }
}
