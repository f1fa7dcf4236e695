using System.Security.Cryptography;

namespace ResNetFunctions.Inference.Models;

/// <summary>An ONNX graph: a file, or the bytes of one that was made in memory.</summary>
internal sealed class ModelFile(string? path, byte[]? bytes, Func<string>? sha256 = null)
{
    private readonly Lazy<string> _sha256 = new(sha256
        ?? (() => bytes is null ? ModelStore.Sha256(path!) : Convert.ToHexStringLower(SHA256.HashData(bytes))));

    public string? Path => path;

    public byte[]? Bytes => bytes;

    /// <summary>The lower-case hex SHA-256 of the graph's bytes.</summary>
    public string Sha256 => _sha256.Value;

    /// <summary>Whether a file is a graph by its name, and not weights that one is made of.</summary>
    public static bool IsGraph(string path) => path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Makes a graph of weights (.pth, .safetensors), or finds the one that it made before.</summary>
/// <param name="manifest">The model.</param>
/// <param name="weights">The file with its weights.</param>
/// <param name="sha256">That file's SHA-256.</param>
/// <param name="folder">Where graphs are kept; null: nowhere.</param>
/// <exception cref="InvalidModelException">The weights can't be used.</exception>
internal delegate ModelFile GraphMaker(Manifest manifest, string weights, string sha256, string? folder);
