using System.Text.Json;
using Azure.Storage.Blobs;
using ResNetFunctions.EndToEnd.Blobs;
using ResNetFunctions.EndToEnd.Worker.Protocol;
using SkiaSharp;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>A model of a user's own classes, on the real worker process: over HTTP and through a blob.</summary>
public sealed class TrainedModelTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models), IDisposable
{
    private static readonly SKColor Red = new(0xD0, 0x30, 0x28), Blue = new(0x28, 0x50, 0xC8);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-trained-");

    [Fact]
    public async Task TrainedModel_OverHttpAndThroughABlob_AnswersWithItsOwnLabels()
    {
        TrainedDiscs.Train(_folder.FullName, "discs", ("blau 蓝", Blue), ("rot", Red));
        byte[] picture = TrainedDiscs.Unseen(Blue);
        await using FunctionsWorker worker = await Workers.StartAsync(
            ("ResNet__ModelsPath", _folder.FullName), ("ResNet__DefaultModel", "discs"), ("ImageStorage", await Azurite.ConnectionStringAsync()));

        using HttpResponseMessage answer = await worker.Client.ClassifyAsync(picture, "?top=2");
        AssertIsBlue(await answer.IsOkAsync());

        BlobClient image = await UploadAsync(await Azurite.CreateContainerAsync(), "a.jpg", picture);
        InvocationResponse invoked = await worker.InvokeBlobAsync(image.BlobContainerName, image.Name);
        Assert.Equal(StatusResult.Types.Status.Success, invoked.Result.Status);
        await AssertResultAsync(image, picture);
        AssertIsBlue((await ResultAsync(image))!.Value);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void AssertIsBlue(JsonElement answer)
    {
        Assert.Equal(("discs", "trained"), (
            answer.GetProperty("model").GetProperty("name").GetString(), answer.GetProperty("model").GetProperty("weights").GetString()));
        JsonElement best = answer.GetProperty("predictions")[0];
        Assert.Equal(("blau 蓝", JsonValueKind.Null), (best.GetProperty("label").GetString(), best.GetProperty("category").ValueKind));
    }
}
