using System.Collections.Concurrent;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.Tests.Inference.Models;

/// <summary>Models folders with a shipped manifest, ImageNet's labels, and generated weights, for tests that are not about
/// accuracy. Deleted when the process ends.</summary>
internal static class SeededModels
{
    private static readonly ConcurrentDictionary<(string, int), Lazy<string>> Folders = new();

    /// <param name="name">The model's and the architecture's name.</param>
    /// <param name="seed">Another seed makes another model.</param>
    public static string Folder(string name, int seed = 0) =>
        Folders.GetOrAdd((name, seed), _ => new Lazy<string>(() => Make(name, seed))).Value;

    private static string Make(string name, int seed)
    {
        string folder = Directory.CreateTempSubdirectory("resnet-seeded-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (string file in (string[])[$"{name}.json", "imagenet-1k.tsv"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, "models", file), Path.Combine(folder, file));
        ModelProto model = Architecture.Build(name, Architecture.Seeded(name, seed));
        OnnxFile.Write(model, Path.Combine(folder, $"{name}.onnx"), new Dictionary<string, string> { ["seed"] = $"{seed}" });
        return folder;
    }
}
