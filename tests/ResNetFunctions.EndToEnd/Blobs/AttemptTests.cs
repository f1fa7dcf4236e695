using System.Text.Json;
using Azure.Storage.Blobs;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Inference;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>Counted attempts, as in the listener, the sweep and the backfill.</summary>
public sealed class AttemptTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    [Fact]
    public async Task ClassifyAsync_FifthFailure_LeavesAFailedResultThatStands()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        BlobClient broken = await BrokenAsync(image);
        BlobClassifier classifier = NewClassifier();

        for (int attempt = 1; attempt < WorkRule.MaxAttempts; attempt++)
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => classifier.ClassifyAsync(broken, default, 1, Cancel));
            Assert.Equal("pending", (await ResultAsync(image))!.Value.GetProperty("status").GetString());
        }
        Assert.Equal(BlobOutcome.Failed, await classifier.ClassifyAsync(broken, default, 1, Cancel));

        JsonElement result = (await ResultAsync(image))!.Value;
        Assert.Equal("failed", result.GetProperty("status").GetString());
        Assert.Contains("InvalidDataException", result.GetProperty("error").GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(BlobOutcome.Current, await classifier.ClassifyAsync(image, default, 1, Cancel));
        Assert.Equal(BlobOutcome.Classified, await classifier.ClassifyAsync(image, new WorkRule(Failed: true), 1, Cancel));
        await AssertResultAsync(image, Picture(1));
    }

    // A process that dies leaves its count behind; after five nobody tries again.
    [Fact]
    public async Task ClassifyAsync_FiveAttemptsThatNeverEnded_IsFailed()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        BlobClassifier classifier = NewClassifier();
        for (int attempt = 1; attempt <= WorkRule.MaxAttempts; attempt++)
        {
            using var killed = new CancellationTokenSource();
            BlobClient fatal = await WatchedAsync(image, new RequestHook { Before = n => n == 4 ? killed.CancelAsync() : Task.CompletedTask });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => classifier.ClassifyAsync(fatal, default, 1, killed.Token));
        }

        Assert.Equal(BlobOutcome.Failed, await classifier.ClassifyAsync(image, default, 1, Cancel));

        Assert.Equal("failed", (await ResultAsync(image))!.Value.GetProperty("status").GetString());
    }

    [Fact]
    public async Task ClassifyAsync_NewVersionAfterFailures_StartsAnew()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        Assert.Equal(BlobOutcome.Failed, await NewClassifier().ClassifyAsync(await BrokenAsync(image), default, WorkRule.MaxAttempts, Cancel));

        await UploadAsync(container, "a.png", Picture(2));

        Assert.Equal(BlobOutcome.Classified, await NewClassifier().ClassifyAsync(image, default, 1, Cancel));
        await AssertResultAsync(image, Picture(2));
    }

    [Fact]
    public async Task ClassifyAsync_PendingResult_IsNoObstacleToTheTrigger()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        BlobClient broken = await BrokenAsync(image);
        await Assert.ThrowsAsync<InvalidDataException>(() => NewClassifier().ClassifyAsync(broken, default, 1, Cancel));

        Assert.Equal(BlobOutcome.Classified, await NewClassifier().ClassifyAsync(image, Cancel));

        await AssertResultAsync(image, Picture(1));
    }

    [Fact]
    public async Task ClassifyAsync_Reclassify_ReplacesAnotherModelsResultOnce()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        ResNetOptions a = Models.Options(1), b = Models.Options(2);
        using Classifier one = new(a), other = new(b);
        await NewClassifier(one, a).ClassifyAsync(image, Cancel);

        BlobClassifier classifier = NewClassifier(other, b);
        Assert.Equal(BlobOutcome.Classified, await classifier.ClassifyAsync(image, new WorkRule(Reclassify: true), 1, Cancel));
        Assert.Equal(BlobOutcome.Current, await classifier.ClassifyAsync(image, new WorkRule(Reclassify: true), 1, Cancel));
    }

    // Every request but the download is answered.
    private Task<BlobClient> BrokenAsync(BlobClient image) => WatchedAsync(image, new RequestHook
    {
        After = (_, message) =>
        {
            if (message.Request.Method == Azure.Core.RequestMethod.Get)
                throw new InvalidDataException("No byte of it can be read.");
        },
    });
}
