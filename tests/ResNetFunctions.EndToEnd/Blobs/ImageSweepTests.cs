using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>The sweep as a host sets it up: from configuration, by <c>AddBlobs</c>.</summary>
public sealed class ImageSweepTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    private static readonly TimeSpan Budget = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task RunAsync_MissedImages_AreClassifiedOnceTheyAreOldEnough()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient a = await UploadAsync(container, "a.png", Picture(1)), b = await UploadAsync(container, "b.png", Picture(2));
        await NewClassifier().ClassifyAsync(b, Cancel);

        await using (ServiceProvider host = await HostAsync(container, ("Blobs:SweepMinimumAge", "00:10:00")))
            await host.GetRequiredService<ImageSweep>().RunAsync(Budget, Cancel);
        Assert.Null(await ResultAsync(a));

        await using (ServiceProvider host = await HostAsync(container, ("Blobs:SweepMinimumAge", "00:00:00")))
            await host.GetRequiredService<ImageSweep>().RunAsync(Budget, Cancel);
        await AssertResultAsync(a, Picture(1));
    }

    [Fact]
    public async Task RunAsync_NoTime_DoesALittleEachTimeAndReachesTheEnd()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        for (int i = 0; i < 5; i++)
            await UploadAsync(container, $"{i}.png", Picture(i));
        await using ServiceProvider host = await HostAsync(container, ("Blobs:SweepMinimumAge", "00:00:00"));
        ImageSweep sweep = host.GetRequiredService<ImageSweep>();

        await sweep.RunAsync(TimeSpan.FromMilliseconds(-1), Cancel);
        Assert.Equal(1, await CountAsync(container));
        for (int run = 2; run <= 5; run++)
            await sweep.RunAsync(TimeSpan.FromMilliseconds(-1), Cancel);
        Assert.Equal(5, await CountAsync(container));
    }

    [Fact]
    public async Task RunAsync_NoModel_DoesNothing()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient a = await UploadAsync(container, "a.png", Picture(1));
        ResNetOptions options = Models.Options();
        options.ModelsPath = Models.WithoutWeights;
        await using ServiceProvider host = await HostAsync(container, options, ("Blobs:SweepMinimumAge", "00:00:00"));

        await host.GetRequiredService<ImageSweep>().RunAsync(Budget, Cancel);

        Assert.Null(await ResultAsync(a));
    }

    [Fact]
    public async Task RunAsync_ResultsContainer_IsWhereItLooksAndWrites()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await UploadAsync(container, "a.png", Picture(1));
        await UploadAsync(container, "a.png.classification.json", "mine"u8.ToArray());
        string results = container.Name + "-results";
        await using ServiceProvider host = await HostAsync(
            container, ("Blobs:SweepMinimumAge", "00:00:00"), ("Blobs:ResultsContainer", results));

        await host.GetRequiredService<ImageSweep>().RunAsync(Budget, Cancel);

        List<string> names = [];
        await foreach (BlobItem blob in host.GetRequiredService<ImageStorage>().Results!.GetBlobsAsync(cancellationToken: Cancel))
            names.Add(blob.Name);
        Assert.Equal(["a.png.json"], names);
    }

    [Fact]
    public async Task RunAsync_NoStorageConfigured_SaysWhatIsMissing()
    {
        await using ServiceProvider host = Host(Models.Options(), []);

        var e = await Assert.ThrowsAsync<UnavailableException>(() => host.GetRequiredService<ImageSweep>().RunAsync(Budget, Cancel));

        Assert.Equal(ErrorCode.Misconfigured, e.Code);
        Assert.Contains("ImageStorage__blobServiceUri", e.Message, StringComparison.Ordinal);
    }

    private static async Task<int> CountAsync(BlobContainerClient container)
    {
        int count = 0;
        await foreach (BlobItem blob in container.GetBlobsAsync(cancellationToken: Cancel))
            count += blob.Name.EndsWith(".classification.json", StringComparison.Ordinal) ? 1 : 0;
        return count;
    }

    private Task<ServiceProvider> HostAsync(BlobContainerClient container, params (string Key, string Value)[] settings) =>
        HostAsync(container, Models.Options(), settings);

    private async Task<ServiceProvider> HostAsync(
        BlobContainerClient container, ResNetOptions options, params (string Key, string Value)[] settings) =>
        Host(options, [("ImageStorage", await Azurite.ConnectionStringAsync()), ("Blobs:ImagesContainer", container.Name), .. settings]);

    private static ServiceProvider Host(ResNetOptions options, (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
        return new ServiceCollection()
            .AddLogging()
            .AddSingleton(configuration)
            .AddResNet(options, new Lazy<Classifier>(() => new Classifier(options)))
            .AddBlobs(configuration)
            .BuildServiceProvider();
    }
}
