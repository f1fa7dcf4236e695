using ResNetFunctions.EndToEnd.Page;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Training;
using SkiaSharp;

namespace ResNetFunctions.EndToEnd;

/// <summary>A model of somebody's own classes, as <c>resnet train</c> makes it: discs of one colour are of one class.</summary>
internal static class TrainedDiscs
{
    private const int PhotosAClass = 6;

    /// <summary>A picture that no model was trained on.</summary>
    public static byte[] Unseen(SKColor colour) => File.ReadAllBytes(Pictures.Discs($"unseen-{colour}.jpg", colour, 999));

    /// <summary>Trains a model in a folder of models, with the bundled network that it is trained on.</summary>
    public static void Train(string folder, string model, params ReadOnlySpan<(string Name, SKColor Colour)> classes)
    {
        string shipped = Path.Combine(AppContext.BaseDirectory, "models");
        foreach (string file in Directory.GetFiles(shipped, "resnet18-mlnet.*").Append(Path.Combine(shipped, "imagenet-1k.tsv")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        string photos = Path.Combine(folder, "photos");
        int number = 0;
        foreach ((string name, SKColor colour) in classes)
        {
            string photosOfClass = Directory.CreateDirectory(Path.Combine(photos, name)).FullName;
            for (int i = 0; i < PhotosAClass; i++, number++)
                File.Copy(Pictures.Discs($"{model}-{number}.jpg", colour, number), Path.Combine(photosOfClass, $"{number}.jpg"));
        }
        var options = new ClassifierOptions { ModelsPath = folder, CachePath = "" };
        var store = new ModelStore(options);
        new ModelTrainer(store, options).Train(model, photos, store.Find(ModelStore.Bundled), folds: 3, TestContext.Current.CancellationToken);
    }
}
