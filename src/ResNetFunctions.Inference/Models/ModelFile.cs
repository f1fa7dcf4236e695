using System.Security.Cryptography;

namespace ResNetFunctions.Inference.Models;

/// <summary>An ONNX graph: a file, or bytes in memory.</summary>
internal sealed class ModelFile(string? path, byte[]? bytes, Func<string>? sha256 = null)
{
    private readonly Lazy<string> _sha256 = new(sha256
        ?? (() => bytes is null ? ModelStore.Sha256(path!) : Convert.ToHexStringLower(SHA256.HashData(bytes))));

    public string? Path => path;

    public byte[]? Bytes => bytes;

    public string Sha256 => _sha256.Value;

    /// <summary>The files with the weights of a graph that was written here. Each has the hash of its bytes in its name, which the
    /// graph names: the graph's bytes tell all.</summary>
    public static string[] DataFilesOf(string path) => Directory.GetFiles(
        System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!,
        $"{System.IO.Path.GetFileNameWithoutExtension(path)}.????????????????.data");

    public static bool IsGraph(string path) => path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Converts weights (.pth, .safetensors) to a graph, or returns the one that it made before.</summary>
/// <param name="manifest">The model.</param>
/// <param name="weights">The file.</param>
/// <param name="sha256">The file's SHA-256.</param>
/// <param name="folder">The folder for graphs; null for none.</param>
/// <exception cref="InvalidModelException">The weights can't be used.</exception>
internal delegate ModelFile GraphMaker(Manifest manifest, string weights, string sha256, string? folder);
