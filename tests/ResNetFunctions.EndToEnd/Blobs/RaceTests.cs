using Azure;
using Azure.Storage.Blobs;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>Something happens between any two of the five requests for one result.</summary>
public sealed class RaceTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    public static TheoryData<int> Steps => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task ClassifyAsync_Overwritten_TheNewestImagesResultWins(int step)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        BlobClient watched = await WatchedAsync(image, new RequestHook
        {
            Before = n => n == step ? UploadAsync(container, "a.png", Picture(2)) : Task.CompletedTask,
        });

        Assert.Equal(BlobOutcome.Classified, await NewClassifier().ClassifyAsync(watched, Cancel));

        await AssertResultAsync(image, Picture(2));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task ClassifyAsync_Deleted_LeavesNoResult(int step)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        BlobClient watched = await WatchedAsync(image, new RequestHook
        {
            Before = n => n == step ? image.DeleteAsync(cancellationToken: Cancel) : Task.CompletedTask,
        });

        Assert.Equal(BlobOutcome.Gone, await NewClassifier().ClassifyAsync(watched, Cancel));

        Assert.Null(await ResultAsync(image));
    }

    // One more request if attempts are counted: the count, before the download.
    [Theory]
    [MemberData(nameof(Steps))]
    [InlineData(6)]
    public async Task ClassifyAsync_DeletedDuringACountedTry_LeavesNoResult(int step)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        BlobClient watched = await WatchedAsync(image, new RequestHook
        {
            Before = n => n == step ? image.DeleteAsync(cancellationToken: Cancel) : Task.CompletedTask,
        });

        Assert.Equal(BlobOutcome.Gone, await NewClassifier().ClassifyAsync(watched, default, 1, Cancel));

        Assert.Null(await ResultAsync(image));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task ClassifyAsync_DeletedAndPutAgain_HasTheNewOnesResult(int step)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        BlobClient watched = await WatchedAsync(image, new RequestHook
        {
            Before = async n =>
            {
                if (n != step)
                    return;
                await image.DeleteAsync(cancellationToken: Cancel);
                await UploadAsync(container, "a.png", Picture(2));
            },
        });

        Assert.Equal(BlobOutcome.Classified, await NewClassifier().ClassifyAsync(watched, Cancel));

        await AssertResultAsync(image, Picture(2));
    }

    // At each step of the slow one, the image is replaced and another worker brings about the new one's result.
    [Theory]
    [MemberData(nameof(Steps))]
    public async Task ClassifyAsync_OlderWorkerIsSlower_DoesNotUndoTheNewerOnes(int step)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        BlobClient slow = await WatchedAsync(image, new RequestHook
        {
            Before = async n =>
            {
                if (n != step)
                    return;
                await UploadAsync(container, "a.png", Picture(2));
                Assert.Equal(BlobOutcome.Classified, await NewClassifier().ClassifyAsync(image, Cancel));
            },
        });

        Assert.Equal(BlobOutcome.Current, await NewClassifier().ClassifyAsync(slow, Cancel));

        await AssertResultAsync(image, Picture(2));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task ClassifyAsync_SameImageByAnotherWorker_HasOneResult(int step)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        var hook = new RequestHook
        {
            Before = n => n == step ? NewClassifier().ClassifyAsync(image, Cancel) : Task.CompletedTask,
        };

        await NewClassifier().ClassifyAsync(await WatchedAsync(image, hook), Cancel);

        Assert.Equal(step == 5 ? 1 : 0, hook.Writes);
        await AssertResultAsync(image, Picture(1));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task ClassifyAsync_ResultDeletedByItsUser_IsWrittenAgain(int step)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await NewClassifier().ClassifyAsync(image, Cancel);
        await UploadAsync(container, "a.png", Picture(2));
        BlobClient watched = await WatchedAsync(image, new RequestHook
        {
            Before = n => n == step && step < 5 ? ResultOf(image).DeleteAsync(cancellationToken: Cancel) : Task.CompletedTask,
        });

        await NewClassifier().ClassifyAsync(watched, Cancel);

        await AssertResultAsync(image, Picture(2));
    }

    [Fact]
    public async Task ClassifyAsync_AnswerToTheWriteIsLost_WritesOnce()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        var hook = new RequestHook { After = (n, _) => LoseAnswer(n == 4) };

        await NewClassifier().ClassifyAsync(await WatchedAsync(image, hook), Cancel);

        Assert.Equal(1, hook.Writes);
        Assert.Equal(2, hook.Requests.Count(r => r == "PUT result"));
        await AssertResultAsync(image, Picture(1));
    }

    [Fact]
    public async Task ClassifyAsync_AnswerToTheOverwriteIsLost_WritesOnce()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await NewClassifier().ClassifyAsync(image, Cancel);
        await UploadAsync(container, "a.png", Picture(2));
        var hook = new RequestHook { After = (n, _) => LoseAnswer(n == 4) };

        await NewClassifier().ClassifyAsync(await WatchedAsync(image, hook), Cancel);

        Assert.Equal(1, hook.Writes);
        await AssertResultAsync(image, Picture(2));
    }

    [Fact]
    public async Task ClassifyAsync_AnswerIsLostAndTheImageDeleted_LeavesNoResult()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        var hook = new RequestHook
        {
            After = (n, _) => LoseAnswer(n == 4),
            Before = n => n == 5 ? image.DeleteAsync(cancellationToken: Cancel) : Task.CompletedTask,
        };

        Assert.Equal(BlobOutcome.Gone, await NewClassifier().ClassifyAsync(await WatchedAsync(image, hook), Cancel));

        Assert.Null(await ResultAsync(image));
    }

    [Fact]
    public async Task ClassifyAsync_OverwrittenWithoutEnd_Throws()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        int uploads = 0;
        var hook = new RequestHook { Before = _ => UploadAsync(container, "a.png", Picture(++uploads)) };

        await Assert.ThrowsAsync<IOException>(async () => await NewClassifier().ClassifyAsync(await WatchedAsync(image, hook), Cancel));

        Assert.InRange(hook.Requests.Count, 15, 25);
    }

    private static void LoseAnswer(bool now)
    {
        if (now)
            throw new RequestFailedException("The connection was reset.");
    }
}
