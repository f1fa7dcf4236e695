using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools;

/// <summary>Turns weights into ONNX graphs.</summary>
public static class GraphConverter
{
    // Part of the cached files' names: raise it when the same weights are turned into another graph.
    private const int Version = 2;

    /// <summary>The networks that weights can be converted for, by torchvision's names.</summary>
    public static IReadOnlyList<string> ArchitectureNames => Architecture.Names;

    /// <summary>Turns a .pth or .safetensors file into an ONNX graph, written whole or not at all.</summary>
    /// <exception cref="InvalidModelException">The file is damaged, or its tensors are not those of the network.</exception>
    public static void Convert(string weights, string architecture, string onnx) =>
        OnnxFile.Write(ToGraph(weights, architecture), onnx, MadeFrom(ModelStore.Sha256(weights)));

    /// <summary>The graph of a model's weights: the one in the folder, made there if need be.</summary>
    /// <inheritdoc cref="GraphMaker"/>
    internal static ModelFile Graph(Manifest manifest, string weights, string sha256, string? folder)
    {
        string architecture = manifest.NeededArchitecture;
        string name = $"{architecture}-{sha256[..16]}-v{Version}.onnx";
        if (folder is not null && Path.Combine(folder, name) is var path && File.Exists(path))
            return new ModelFile(path, null);

        ModelProto graph = ToGraph(weights, architecture);
        try
        {
            if (folder is not null)
            {
                path = Path.Combine(folder, name);
                OnnxFile.Write(graph, path, MadeFrom(sha256));
                return new ModelFile(path, null);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that is full, or may not be written, costs the next start some time and nobody an answer.
        }
        return new ModelFile(null, OnnxFile.ToBytes(graph, MadeFrom(sha256)));
    }

    internal static ModelProto ToGraph(string weights, string architecture)
    {
        using StateDict tensors = StateDict.Read(weights);
        return Architecture.Build(architecture, tensors);
    }

    // The graph says which file its numbers came from.
    private static Dictionary<string, string> MadeFrom(string sha256) => new() { [ModelStore.WeightsShaKey] = sha256 };
}
