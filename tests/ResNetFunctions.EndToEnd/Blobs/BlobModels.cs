using ResNetFunctions.Api;
using ResNetFunctions.Inference;

[assembly: AssemblyFixture(typeof(ResNetFunctions.EndToEnd.Blobs.BlobModels))]

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>A small network for tests that are not about its answers: SqueezeNet with generated numbers, which says
/// that it is untrained, and the same numbers without that note, which stand for trained weights.</summary>
public sealed class BlobModels : IDisposable
{
    private const string Name = "squeezenet1_1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-blob-models-");
    private readonly string _models;
    private readonly Lazy<Classifier> _untrained;

    public BlobModels()
    {
        _models = NewFolder();
        _untrained = new(() => new Classifier(Options()));
    }

    /// <summary>Shared by the tests.</summary>
    public Classifier Untrained => _untrained.Value;

    /// <summary>The settings of <see cref="Untrained"/>.</summary>
    public ResNetOptions Options() => new()
    {
        DefaultModel = Name,
        ModelsPath = _models,
        CachePath = _folder.CreateSubdirectory("cache").FullName,
        MaxConcurrency = 2,
    };

    /// <summary>Settings whose weights count as trained.</summary>
    /// <param name="version">One letter; another letter makes another model.</param>
    public async Task<ResNetOptions> TrainedOptionsAsync(char version)
    {
        await Untrained.WarmUpAsync();
        ResNetOptions options = Options();
        options.ModelsPath = NewFolder();
        byte[] graph = await File.ReadAllBytesAsync(Directory.GetFiles(options.CachePath!, $"{Name}-generated-*.onnx").Single());
        graph[graph.AsSpan().LastIndexOf("generated"u8)] = (byte)version;
        await File.WriteAllBytesAsync(Path.Combine(options.ModelsPath, $"{Name}.onnx"), graph);
        return options;
    }

    // The project's manifest and labels without weights, whatever the developer has pulled.
    private string NewFolder()
    {
        string models = _folder.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName;
        foreach (string file in new[] { $"{Name}.json", "imagenet-1k.tsv" })
            File.Copy(Path.Combine(Page.PageServers.Root(), "models", file), Path.Combine(models, file));
        return models;
    }

    public void Dispose()
    {
        if (_untrained.IsValueCreated)
            _untrained.Value.Dispose();
        _folder.Delete(recursive: true);
    }
}
