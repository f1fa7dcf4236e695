using System.Security.Cryptography;
using ResNetFunctions.Inference.Onnx;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.Inference.Weights;

namespace ResNetFunctions.Inference.Models;

/// <summary>The models folder: manifests, labels and model files, and beside it a cache for what was made from them.</summary>
public sealed class ModelStore
{
    internal const string WeightsShaKey = "weights_sha256";
    internal const string GeneratedKey = "generated";

    // Part of the cached files' names: raise it when the same weights are turned into another graph.
    private const int ConverterVersion = 1;

    private readonly ClassifierOptions _options;
    private readonly string? _cache;
    private readonly KnownHashes? _hashes;

    /// <summary>Opens the folder that the settings name.</summary>
    public ModelStore(ClassifierOptions options)
    {
        _options = options;
        ModelsPath = options.ModelsPath is { Length: > 0 } path ? Path.GetFullPath(path)
            : Directory.Exists("models") && Directory.EnumerateFiles("models", "*.json").Any() ? Path.GetFullPath("models")
            : Path.Combine(AppContext.BaseDirectory, "models");
        _cache = CacheFolder.Open(options.CachePath);
        Optimized = _cache is null ? null : new OptimizedGraphs(_cache);
        _hashes = _cache is null ? null : new KnownHashes(_cache);
    }

    /// <summary>The folder of manifests, labels and model files.</summary>
    public string ModelsPath { get; }

    /// <summary>The graphs that are optimised for this processor; null where nothing is cached.</summary>
    internal OptimizedGraphs? Optimized { get; }

    /// <summary>Every valid manifest, by name.</summary>
    public IReadOnlyList<Manifest> List()
    {
        SortedDictionary<string, Manifest> manifests = new(StringComparer.Ordinal);
        foreach (string folder in Folders.Where(Directory.Exists))
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*.json"))
            {
                try
                {
                    manifests.TryAdd(Path.GetFileNameWithoutExtension(path), Read(path));
                }
                catch (InvalidModelException)
                {
                    // Whoever asks for it by name is told why.
                }
            }
        }
        return [.. manifests.Values];
    }

    /// <summary>The manifest of that name.</summary>
    /// <exception cref="RejectedException">unknown-model: there is none.</exception>
    /// <exception cref="InvalidModelException">It is malformed.</exception>
    public Manifest Find(string name) =>
        !Manifest.IsName(name) ? throw new RejectedException(ErrorCode.UnknownModel, "No model can have that name.")
        : Locate(name + ".json") is { } path ? Read(path)
        : throw new RejectedException(ErrorCode.UnknownModel, $"There is no model '{name}'.");

    /// <summary>Where a pulled or converted file goes: the models folder, or the cache where that can't be written.</summary>
    /// <exception cref="InvalidModelException">Neither can be written.</exception>
    public string PathForNew(string file)
    {
        foreach (string folder in Folders)
        {
            try
            {
                string probe = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
                File.Create(probe, 1, FileOptions.DeleteOnClose).Dispose();
                return Path.Combine(folder, file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next one, then.
            }
        }
        throw new InvalidModelException("Neither the models folder nor the cache folder can be written.");
    }

    /// <summary>The networks that weights can be converted for, by torchvision's names.</summary>
    public static IReadOnlyList<string> ArchitectureNames => Architecture.Names;

    /// <summary>Turns a .pth or .safetensors file into an ONNX graph, written whole or not at all.</summary>
    /// <exception cref="InvalidModelException">The file is damaged, or its tensors are not those of the network.</exception>
    public static void Convert(string weights, string architecture, string onnx) =>
        OnnxFile.Write(ToGraph(weights, architecture), onnx, MadeFrom(Sha256(weights)));

    /// <summary>The multiplications, each with its addition, that a model takes for one image.</summary>
    /// <exception cref="InvalidModelException">There are no weights, or they can't be used.</exception>
    public long MultiplyAdds(Manifest manifest)
    {
        ModelFile file = Open(manifest);
        return GraphCost.MultiplyAdds(OnnxFile.Parse(file.Bytes ?? File.ReadAllBytes(file.Path!)), manifest.Input);
    }

    /// <summary>What the products of a model's graph are computed in: float32, float16 or int8.</summary>
    /// <exception cref="InvalidModelException">There are no weights, or they can't be used.</exception>
    public string Numbers(Manifest manifest)
    {
        ModelFile file = Open(manifest);
        return GraphCost.Numbers(OnnxFile.Parse(file.Bytes ?? File.ReadAllBytes(file.Path!)));
    }

    /// <summary>Whether trained weights of the model are at hand, without asking the network.</summary>
    public bool HasTrained(Manifest manifest) => FindTrained(manifest) is not null;

    internal Labels LabelsOf(Manifest manifest) =>
        Labels.Read(Locate(manifest.Labels) ?? Path.Combine(ModelsPath, manifest.Labels));

    /// <summary>The ONNX graph of a model: a file that is there, or one made from the weights that are.</summary>
    /// <exception cref="InvalidModelException">There are no weights, or they can't be used.</exception>
    internal ModelFile Open(Manifest manifest)
    {
        if (FindTrained(manifest) is { } weights)
        {
            return weights.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
                ? new ModelFile(weights, null, () => HashOf(weights))
                : Converted(manifest, weights);
        }
        if (_options.RequireTrained || manifest.Architecture is null)
        {
            throw new InvalidModelException(
                $"The weights of {manifest.Name} are not there: `resnet models pull {manifest.Name}` fetches them.");
        }
        return Generated(manifest.Architecture);
    }

    private IEnumerable<string> Folders => _cache is null ? [ModelsPath] : [ModelsPath, _cache];

    private string? Locate(string file)
    {
        foreach (string folder in Folders)
        {
            string path = Path.Combine(folder, file);
            if (!File.Exists(path))
                continue;
            return Links.StayIn(folder, path)
                ? path
                : throw new InvalidModelException($"{file} is a link that leads out of the models folder.");
        }
        return null;
    }

    // The file that the settings name is the default model's, before any that lies in a folder.
    private string? FindTrained(Manifest manifest) =>
        _options.Weights is { Length: > 0 } own && manifest.Name == _options.DefaultModel ? own : FindInFolders(manifest);

    /// <summary>What was converted before, then weights as they were published or brought.</summary>
    internal string? FindInFolders(Manifest manifest) =>
        Locate(manifest.Name + ".onnx") ?? Locate(manifest.Weights.File)
        ?? Locate(manifest.Name + ".pth") ?? Locate(manifest.Name + ".safetensors");

    private ModelFile Converted(Manifest manifest, string weights)
    {
        string architecture = manifest.NeededArchitecture;
        string sha256 = HashOf(weights);
        return Cached(
            $"{architecture}-{sha256[..16]}-v{ConverterVersion}.onnx", () => ToGraph(weights, architecture), MadeFrom(sha256),
            key: $"{architecture}-{sha256}-v{ConverterVersion}");
    }

    private ModelFile Generated(string architecture) =>
        Cached(
            $"{architecture}-generated-v{ConverterVersion}.onnx",
            () => Architecture.Build(architecture, Architecture.Seeded(architecture)),
            new Dictionary<string, string> { [GeneratedKey] = "true" },
            key: $"{architecture}-generated-v{ConverterVersion}");

    private static ModelProto ToGraph(string weights, string architecture)
    {
        using StateDict tensors = StateDict.Read(weights);
        return Architecture.Build(architecture, tensors);
    }

    // The graph says which file its numbers came from.
    private static Dictionary<string, string> MadeFrom(string sha256) => new() { [WeightsShaKey] = sha256 };

    private ModelFile Cached(string file, Func<ModelProto> make, Dictionary<string, string> metadata, string key)
    {
        if (_cache is null)
            return InMemory(make());

        string path = Path.Combine(_cache, file);
        if (File.Exists(path))
            return OnDisk();
        ModelProto graph = make();
        try
        {
            OnnxFile.Write(graph, path, metadata);
            return OnDisk();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that is full, or may not be written, costs the next start some time and nobody an answer.
            return InMemory(graph);
        }

        ModelFile OnDisk() => new(path, null, () => HashOf(path), key);

        ModelFile InMemory(ModelProto made) => new(null, OnnxFile.ToBytes(made, metadata), null, key);
    }

    private string HashOf(string path) => _hashes?.Of(path) ?? Sha256(path);

    private static Manifest Read(string path)
    {
        Manifest manifest = Manifest.Parse(File.ReadAllBytes(path));
        return manifest.Name == Path.GetFileNameWithoutExtension(path)
            ? manifest
            : throw new InvalidModelException($"{Path.GetFileName(path)} is the manifest of '{manifest.Name}'.");
    }

    internal static string Sha256(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, OnnxFile.BufferSize);
        return System.Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

/// <summary>An ONNX graph: a file, or the bytes of one that was made in memory.</summary>
internal sealed class ModelFile(string? path, byte[]? bytes, Func<string>? sha256 = null, string? madeFrom = null)
{
    private readonly Lazy<string> _sha256 = new(sha256
        ?? (() => bytes is null ? ModelStore.Sha256(path!) : System.Convert.ToHexStringLower(SHA256.HashData(bytes))));

    public string? Path => path;

    public byte[]? Bytes => bytes;

    /// <summary>The lower-case hex SHA-256 of the graph's bytes.</summary>
    public string Sha256 => _sha256.Value;

    /// <summary>What tells this graph from any other: what it was made from here, or its SHA-256.</summary>
    public string Key => madeFrom ?? Sha256;
}
