using System.Text.Json.Nodes;
using ResNetFunctions.Inference;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.Tests.ModelTools.Weights;
using SixLabors.ImageSharp.Formats.Png;

namespace ResNetFunctions.Tests.Inference.Models;

/// <summary>A models folder of a test's own, with ImageNet's labels, gone when it is disposed.</summary>
internal sealed class ModelsFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-models-");

    public ModelsFolder() =>
        File.Copy(System.IO.Path.Combine(AppContext.BaseDirectory, "models", "imagenet-1k.tsv"), PathOf("imagenet-1k.tsv"));

    public string Path => _folder.FullName;

    public string PathOf(string file) => System.IO.Path.Combine(Path, file);

    /// <summary>Writes a manifest, and its weights file if there are bytes.</summary>
    public ModelsFolder Add(string name, string file, byte[]? bytes = null, JsonObject? more = null)
    {
        var manifest = more ?? [];
        manifest["name"] = name;
        if (manifest["weights"] is null)
            manifest["weights"] = new JsonObject();
        manifest["weights"]!["file"] = file;
        File.WriteAllText(PathOf(name + ".json"), manifest.ToJsonString());
        if (bytes is not null)
            File.WriteAllBytes(PathOf(file), bytes);
        return this;
    }

    /// <summary>Adds a <see cref="TinyModel"/> with a manifest and labels that fit it.</summary>
    public ModelsFolder AddTiny(string name, TinyModel? model = null, params string[] labels)
    {
        File.WriteAllLines(PathOf(name + ".tsv"), labels.Length > 0
            ? labels.Index().Select(label => $"{label.Index}\t{label.Item}\t{label.Item}")
            : ["0\tr\tred", "1\tg\tgreen", "2\tb\tblue"]);
        return Add(name, name + ".onnx", (model ?? new TinyModel()).ToBytes(), TinyModel.Manifest(name + ".tsv"));
    }

    /// <summary>Adds a network with seeded weights, and a folder <c>photos</c> of four photos, named as eval wants them, and one
    /// file that is no image.</summary>
    /// <returns>The photos.</returns>
    public string[] AddWithPhotos(string name, string network)
    {
        Add(name, name + ".safetensors", SafetensorsFile.Of(Architecture.Seeded(network)), new JsonObject { ["architecture"] = network });
        Directory.CreateDirectory(PathOf("photos"));
        File.WriteAllText(PathOf("photos/torn.jpg"), "no picture");
        string[] photos = [.. Enumerable.Range(0, 4).Select(i => PathOf($"photos/n0144076{i}_x.png"))];
        foreach ((int i, string photo) in photos.Index())
            File.WriteAllBytes(photo, TestImages.Encode(new PngEncoder(), 240 + (20 * i), 230 + (i * i)));
        return photos;
    }

    public ClassifierOptions Options(string defaultModel) =>
        new() { ModelsPath = Path, DefaultModel = defaultModel, CachePath = "" };

    public void Dispose() => _folder.Delete(recursive: true);
}
