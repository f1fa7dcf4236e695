using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.EndToEnd.Blobs;

public sealed class BlobClassifierTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    [Theory]
    [InlineData("a.jpg")]
    [InlineData("deep/er/cat.jpg")]
    [InlineData("with spaces in it.jpg")]
    [InlineData("Grüße/猫 🐈.jpg")]
    [InlineData("50% off/100%25.jpg")]
    [InlineData("a+b&c=d#e?f.jpg")]
    [InlineData("no-extension")]
    [InlineData("ends.in.a.dot.")]
    [InlineData("a//b.jpg")]
    [InlineData("[x]{y}'z\".jpg")]
    public async Task ClassifyAsync_AnyName_HasItsResultBesideIt(string name)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        byte[] picture = Picture(1);
        BlobClient image = await UploadAsync(container, name, picture);

        Assert.Equal(BlobOutcome.Classified, await NewClassifier().ClassifyAsync(image, Cancel));

        await AssertResultAsync(image, picture);
    }

    [Fact]
    public async Task ClassifyAsync_Image_LeavesItsBytesMetadataAndETagAlone()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await image.SetMetadataAsync(new Dictionary<string, string> { ["owner"] = "me" }, cancellationToken: Cancel);
        BlobProperties before = await image.GetPropertiesAsync(cancellationToken: Cancel);

        await NewClassifier().ClassifyAsync(image, Cancel);

        BlobDownloadResult after = await image.DownloadContentAsync(Cancel);
        Assert.Equal(before.ETag, after.Details.ETag);
        Assert.Equal("me", after.Details.Metadata["owner"]);
        Assert.Equal(Picture(1), after.Content.ToArray());
    }

    [Theory]
    [InlineData(0, ErrorCode.EmptyBody)]
    [InlineData(1000, ErrorCode.UnsupportedFormat)]
    [InlineData(25 << 20, ErrorCode.TooLarge)]
    public async Task ClassifyAsync_NoImage_IsRejectedForGood(int length, string code)
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill((byte)'t');
        BlobClient blob = await UploadAsync(container, "a.txt", bytes);

        Assert.Equal(BlobOutcome.Rejected, await NewClassifier().ClassifyAsync(blob, Cancel));
        Assert.Equal(BlobOutcome.Current, await NewClassifier().ClassifyAsync(blob, Cancel));

        JsonElement result = (await ResultAsync(blob))!.Value;
        Assert.Equal("rejected", result.GetProperty("status").GetString());
        Assert.Equal(code, result.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(length, result.GetProperty("source").GetProperty("contentLength").GetInt32());
    }

    [Fact]
    public async Task ClassifyAsync_Twice_WritesOnce()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        var hook = new RequestHook();
        BlobClient watched = await WatchedAsync(image, hook);

        Assert.Equal(BlobOutcome.Classified, await NewClassifier().ClassifyAsync(watched, Cancel));
        Assert.Equal(["HEAD result", "HEAD image", "GET image", "PUT result", "HEAD image"], hook.Requests);
        Assert.Equal(BlobOutcome.Current, await NewClassifier().ClassifyAsync(watched, Cancel));
        Assert.Equal(1, hook.Writes);
    }

    [Fact]
    public async Task ClassifyAsync_ManyAtOnce_WriteOnce()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        var hook = new RequestHook();
        BlobClient watched = await WatchedAsync(image, hook);
        BlobClassifier classifier = NewClassifier();

        BlobOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => classifier.ClassifyAsync(watched, Cancel)));

        Assert.Single(outcomes, BlobOutcome.Classified);
        Assert.Equal(7, outcomes.Count(o => o == BlobOutcome.Current));
        Assert.Equal(1, hook.Writes);
        await AssertResultAsync(image, Picture(1));
    }

    [Fact]
    public async Task ClassifyAsync_ResultItself_IsNoImage()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await NewClassifier().ClassifyAsync(image, Cancel);

        Assert.Equal(BlobOutcome.NotAnImage, await NewClassifier().ClassifyAsync(ResultOf(image), Cancel));
    }

    [Fact]
    public async Task ClassifyAsync_DirectoryOfAHierarchicalNamespace_IsNoImage()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient folder = await UploadAsync(container, "folder", []);
        await folder.SetMetadataAsync(new Dictionary<string, string> { ["hdi_isfolder"] = "true" }, cancellationToken: Cancel);

        Assert.Equal(BlobOutcome.NotAnImage, await NewClassifier().ClassifyAsync(folder, Cancel));
        Assert.Null(await ResultAsync(folder));
    }

    [Fact]
    public async Task ClassifyAsync_UsersBlobOfTheResultsName_IsLeftAlone()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        BlobClient own = await UploadAsync(container, "a.png.classification.json", "mine"u8.ToArray());

        Assert.Equal(BlobOutcome.NoResultName, await NewClassifier().ClassifyAsync(image, Cancel));

        Assert.Equal("mine", (await own.DownloadContentAsync(Cancel)).Value.Content.ToString());
    }

    [Fact]
    public async Task ClassifyAsync_NameTooLongForAResult_IsLeftAlone()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, string.Join('/', Enumerable.Repeat(new string('n', 100), 10)), Picture(1));

        Assert.Equal(BlobOutcome.NoResultName, await NewClassifier().ClassifyAsync(image, Cancel));
    }

    [Fact]
    public async Task ClassifyAsync_ResultsContainer_IsMadeAndHoldsThem()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a/b.png", Picture(1));
        var options = new BlobsOptions { ResultsContainer = container.Name + "-results" };

        Assert.Equal(BlobOutcome.Classified, await NewClassifier(options).ClassifyAsync(image, Cancel));
        Assert.Equal(BlobOutcome.Current, await NewClassifier(options).ClassifyAsync(image, Cancel));

        Assert.Null(await ResultAsync(image));
        var result = new BlobClient(await Azurite.ConnectionStringAsync(), options.ResultsContainer, "a/b.png.json");
        JsonElement json = JsonElement.Parse((await result.DownloadContentAsync(Cancel)).Value.Content);
        Assert.Equal("a/b.png", json.GetProperty("source").GetProperty("name").GetString());
    }

    [Fact]
    public async Task ClassifyAsync_AnotherModel_LeavesTheResultThatIsThere()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        ResNetOptions other = Models.Options(1);
        using var classifier = new Classifier(other);

        Assert.Equal(BlobOutcome.Classified, await NewClassifier().ClassifyAsync(image, Cancel));

        Assert.Equal(BlobOutcome.Current, await NewClassifier(classifier, other).ClassifyAsync(image, Cancel));
    }

    [Fact]
    public async Task ClassifyAsync_NoModel_ThrowsAndLeavesNoResult()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        ResNetOptions options = Models.Options();
        options.ModelsPath = Models.WithoutWeights;
        using var classifier = new Classifier(options);

        var e = await Assert.ThrowsAsync<UnavailableException>(() => NewClassifier(classifier, options).ClassifyAsync(image, Cancel));

        Assert.Equal(ErrorCode.ModelUnavailable, e.Code);
        Assert.Null(await ResultAsync(image));
    }

    [Fact]
    public async Task ClassifyAsync_UnknownModel_BlamesTheSettingsAndNotTheImage()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));

        var e = await Assert.ThrowsAsync<UnavailableException>(() =>
            NewClassifier(new BlobsOptions { Model = "no-such" }).ClassifyAsync(image, Cancel));

        Assert.Equal(ErrorCode.ModelUnavailable, e.Code);
        Assert.Null(await ResultAsync(image));
    }

    [Fact]
    public async Task ClassifyAsync_FullQueue_WaitsForItsTurn()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        ResNetOptions options = Models.Options();
        (options.MaxConcurrency, options.MaxQueue) = (1, 0);
        using var classifier = new Classifier(options);

        Task<BlobOutcome> running;
        using (await classifier.AdmitAsync(cancellationToken: Cancel))
        {
            running = NewClassifier(classifier, options).ClassifyAsync(image, Cancel);
            await Task.Delay(200, Cancel);
            Assert.False(running.IsCompleted);
        }

        Assert.Equal(BlobOutcome.Classified, await running);
    }
}
