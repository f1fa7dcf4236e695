using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.Cli.Bench;

/// <summary>A graph with generated weights, for an architecture whose weights are missing: it takes the same time. Deleted
/// when disposed.</summary>
internal sealed class GeneratedWeights : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-bench-");

    private GeneratedWeights(string architecture)
    {
        Path = System.IO.Path.Combine(_folder.FullName, "generated.onnx");
        OnnxFile.Write(Architecture.Build(architecture, Architecture.Seeded(architecture)), Path, new Dictionary<string, string>());
    }

    public string Path { get; }

    /// <summary>Makes and announces one; null if the model has weights, or no architecture.</summary>
    public static GeneratedWeights? WhereMissing(ModelStore store, string model)
    {
        Manifest manifest = store.Find(model);
        if (store.Has(manifest) || manifest.Architecture is not { } architecture)
            return null;
        Console.Error.WriteLine($"The weights of {model} are not here: generated ones are measured, which take the same time.");
        return new GeneratedWeights(architecture);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
