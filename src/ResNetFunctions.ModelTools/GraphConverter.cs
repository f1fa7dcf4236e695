using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools;

/// <summary>Converts weights to ONNX graphs.</summary>
public static class GraphConverter
{
    // Part of the cached files' names. Increase it when the conversion changes.
    private const int Version = 2;

    /// <summary>The supported architectures, by torchvision's names.</summary>
    public static IReadOnlyList<string> ArchitectureNames => Architecture.Names;

    /// <summary>Converts a .pth or .safetensors file, atomically.</summary>
    /// <exception cref="InvalidModelException">The file is damaged, or its tensors are not those of the network.</exception>
    public static void Convert(string weights, string architecture, string onnx) =>
        Convert(weights, architecture, onnx, ModelStore.Sha256(weights));

    /// <inheritdoc cref="GraphMaker"/>
    internal static ModelFile Graph(Manifest manifest, string weights, string sha256, string? folder)
    {
        string architecture = manifest.NeededArchitecture;
        string name = $"{architecture}-{sha256[..16]}-v{Version}.onnx";
        if (folder is not null && Path.Combine(folder, name) is var path && File.Exists(path))
            return new ModelFile(path, null);

        try
        {
            if (folder is not null)
            {
                path = Path.Combine(folder, name);
                Convert(weights, architecture, path, sha256);
                return new ModelFile(path, null);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk makes the next start slower and nothing else.
        }
        return new ModelFile(null, OnnxFile.ToBytes(ToGraph(weights, architecture), MadeFrom(sha256)));
    }

    private static void Convert(string weights, string architecture, string onnx, string sha256)
    {
        using StateDict tensors = StateDict.Read(weights);
        (ModelProto model, IEnumerable<TensorProto> initializers) = Architecture.Open(architecture, tensors);
        OnnxFile.Write(model, initializers, onnx, MadeFrom(sha256));
    }

    internal static ModelProto ToGraph(string weights, string architecture)
    {
        using StateDict tensors = StateDict.Read(weights);
        return Architecture.Build(architecture, tensors);
    }

    private static Dictionary<string, string> MadeFrom(string sha256) => new() { [ModelStore.WeightsShaKey] = sha256 };
}
