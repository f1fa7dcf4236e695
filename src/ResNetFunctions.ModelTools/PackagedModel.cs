using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools;

/// <summary>The files of a model that a deployed app needs.</summary>
public static class PackagedModel
{
    /// <summary>The default: official if its weights are here, else the bundled one.</summary>
    public const string Default = "default";

    /// <summary>The manifest, the labels, the graph and its weights. Weights without a graph are converted.</summary>
    /// <param name="name">The model, or <see cref="Default"/>.</param>
    /// <param name="models">The models folder.</param>
    /// <exception cref="InvalidModelException">The weights are missing or unusable.</exception>
    public static IReadOnlyList<string> Files(string name, string models)
    {
        var options = new ClassifierOptions { ModelsPath = models, CachePath = "" };
        var store = new ModelStore(options);
        Manifest manifest = store.Find(name == Default ? store.DefaultModel : name);
        string weights = store.FindInFolders(manifest) ?? throw new InvalidModelException(ModelStore.HowToGet(manifest));
        string onnx = weights;
        if (!ModelFile.IsGraph(weights))
        {
            onnx = Path.Combine(models, manifest.Name + ".onnx");
            GraphConverter.Convert(weights, manifest.NeededArchitecture, onnx);
        }
        string[] data = Directory.GetFiles(models, $"{Path.GetFileNameWithoutExtension(onnx)}.*.data");
        string[] labels = [Path.Combine(models, manifest.Labels), Path.Combine(models, Labels.ChineseFile(manifest.Labels))];
        return [Path.Combine(models, manifest.Name + ".json"), .. labels.Where(File.Exists), onnx, .. data];
    }
}
