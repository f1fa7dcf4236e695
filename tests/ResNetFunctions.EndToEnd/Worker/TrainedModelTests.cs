using System.Text.Json;
using Azure.Storage.Blobs;
using ResNetFunctions.EndToEnd.Blobs;
using ResNetFunctions.EndToEnd.Page;
using ResNetFunctions.EndToEnd.Worker.Protocol;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Training;
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
        Train();
        byte[] picture = await File.ReadAllBytesAsync(Pictures.Discs("unseen.jpg", Blue, 999), Cancel);
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

    private void Train()
    {
        string shipped = Path.Combine(AppContext.BaseDirectory, "models");
        foreach (string file in Directory.GetFiles(shipped, "resnet18-mlnet.*").Append(Path.Combine(shipped, "imagenet-1k.tsv")))
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        foreach ((string name, SKColor colour, int first) in ((string, SKColor, int)[])[("blau 蓝", Blue, 0), ("rot", Red, 100)])
        {
            string photos = _folder.CreateSubdirectory(Path.Combine("photos", name)).FullName;
            for (int number = first; number < first + 6; number++)
                File.Copy(Pictures.Discs($"{number}.jpg", colour, number), Path.Combine(photos, $"{number}.jpg"));
        }
        var options = new ClassifierOptions { ModelsPath = _folder.FullName, CachePath = "" };
        var store = new ModelStore(options);
        new ModelTrainer(store, options).Train(
            "discs", Path.Combine(_folder.FullName, "photos"), store.Find(ModelStore.Bundled), folds: 3, Cancel);
    }

    private static void AssertIsBlue(JsonElement answer)
    {
        Assert.Equal(("discs", "trained"), (
            answer.GetProperty("model").GetProperty("name").GetString(), answer.GetProperty("model").GetProperty("weights").GetString()));
        JsonElement best = answer.GetProperty("predictions")[0];
        Assert.Equal(("blau 蓝", JsonValueKind.Null), (best.GetProperty("label").GetString(), best.GetProperty("category").ValueKind));
    }
}
