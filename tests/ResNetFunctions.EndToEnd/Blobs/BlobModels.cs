using ResNetFunctions.Api;
using ResNetFunctions.Inference;
using ResNetFunctions.Tests.Inference.Models;

[assembly: AssemblyFixture(typeof(ResNetFunctions.EndToEnd.Blobs.BlobModels))]

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>A small network for tests that are not about its answers: SqueezeNet with generated numbers.</summary>
public sealed class BlobModels : IDisposable
{
    private const string Name = "squeezenet1_1";

    private readonly DirectoryInfo _cache = Directory.CreateTempSubdirectory("resnet-blob-models-");
    private readonly Lazy<Classifier> _classifier;

    public BlobModels() => _classifier = new(() => new Classifier(Options()));

    /// <summary>Shared by the tests.</summary>
    public Classifier Classifier => _classifier.Value;

    /// <param name="version">Another number makes another model.</param>
    public ResNetOptions Options(int version = 0) => new()
    {
        DefaultModel = Name,
        ModelsPath = SeededModels.Folder(Name, version),
        CachePath = _cache.FullName,
        MaxConcurrency = 2,
    };

    /// <summary>A models folder with its manifest and the labels alone.</summary>
    public string WithoutWeights { get; } = ManifestsAlone();

    private static string ManifestsAlone()
    {
        string folder = Directory.CreateTempSubdirectory("resnet-blob-models-").FullName;
        foreach (string file in (string[])[$"{Name}.json", "imagenet-1k.tsv"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, "models", file), Path.Combine(folder, file));
        return folder;
    }

    public void Dispose()
    {
        if (_classifier.IsValueCreated)
            _classifier.Value.Dispose();
        _cache.Delete(recursive: true);
        Directory.Delete(WithoutWeights, recursive: true);
    }
}
