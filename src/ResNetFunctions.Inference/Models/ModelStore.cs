using System.Security.Cryptography;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Inference.Models;

/// <summary>The models folder, and the cache for what was made from it.</summary>
public sealed class ModelStore
{
    /// <summary>torchvision's ResNet-18.</summary>
    public const string Official = "resnet18";

    /// <summary>The trained network that every build has.</summary>
    public const string Bundled = "resnet18-mlnet";

    /// <summary>The key of the graph's metadata with the SHA-256 of its weights.</summary>
    internal const string WeightsShaKey = "weights_sha256";

    private readonly ModelOptions _options;
    private readonly string[] _folders;
    private readonly KnownHashes? _hashes;
    private string? _default;

    /// <summary>Opens the folder that the settings name.</summary>
    public ModelStore(ModelOptions options)
    {
        _options = options;
        string shipped = Path.Combine(AppContext.BaseDirectory, "models");
        ModelsPath = options.ModelsPath is { Length: > 0 } path ? Path.GetFullPath(path)
            : Directory.Exists("models") && Directory.EnumerateFiles("models", "*.json").Any() ? Path.GetFullPath("models")
            : shipped;
        CachePath = CacheFolder.Open(options.CachePath);
        _folders = [ModelsPath, .. options.ModelsPath is { Length: > 0 } || ModelsPath == shipped ? Array.Empty<string>() : [shipped]];
        if (CachePath is not null)
            _folders = [.. _folders, CachePath];
        _hashes = CachePath is null ? null : new KnownHashes(CachePath);
    }

    /// <summary>The folder of manifests, labels and model files.</summary>
    public string ModelsPath { get; }

    /// <summary>Null if nothing is cached.</summary>
    internal string? CachePath { get; }

    /// <summary>The model that answers if a request names none: the setting's, else the first available of <see
    /// cref="Official"/> and <see cref="Bundled"/>. It stays the same once found.</summary>
    public string DefaultModel =>
        _options.DefaultModel ?? _default ?? (_default = FirstAtHand()) ?? Official;

    /// <summary>Every valid manifest, by name.</summary>
    public IReadOnlyList<Manifest> List()
    {
        SortedDictionary<string, Manifest> manifests = new(StringComparer.Ordinal);
        foreach (string folder in _folders.Where(Directory.Exists))
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*.json"))
            {
                try
                {
                    manifests.TryAdd(Path.GetFileNameWithoutExtension(path), Read(path));
                }
                catch (InvalidModelException)
                {
                    // It is reported to whoever asks for it by name.
                }
            }
        }
        return [.. manifests.Values];
    }

    /// <exception cref="RejectedException">unknown-model.</exception>
    /// <exception cref="InvalidModelException">The manifest is malformed.</exception>
    public Manifest Find(string name) =>
        !Manifest.IsName(name) ? throw new RejectedException(ErrorCode.UnknownModel, "No model can have that name.")
        : Locate(name + ".json") is { } path ? Read(path)
        : throw new RejectedException(ErrorCode.UnknownModel, $"There is no model '{name}'.");

    /// <summary>Whether a manifest has that name.</summary>
    public bool Exists(string name) => Manifest.IsName(name) && Locate(name + ".json") is not null;

    /// <summary>The path for a new file: in the models folder, or in the cache if that is read-only.</summary>
    /// <exception cref="InvalidModelException">Neither can be written.</exception>
    public string PathForNew(string file)
    {
        foreach (string? folder in (string?[])[ModelsPath, CachePath])
        {
            if (folder is null)
                continue;
            try
            {
                string probe = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
                File.Create(probe, 1, FileOptions.DeleteOnClose).Dispose();
                return Path.Combine(folder, file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Try the next one.
            }
        }
        throw new InvalidModelException("Neither the models folder nor the cache folder can be written.");
    }

    /// <summary>Whether the model's weights are here.</summary>
    public bool Has(Manifest manifest) => FindWeights(manifest) is not null;

    /// <summary>The number of a model's classes.</summary>
    /// <exception cref="InvalidModelException">Its labels can't be read.</exception>
    public int ClassesOf(Manifest manifest) => LabelsOf(manifest).Count;

    /// <summary>The labels and categories of a model's classes.</summary>
    /// <exception cref="InvalidModelException">The labels file is missing or malformed.</exception>
    public HashSet<string> ClassNamesOf(Manifest manifest)
    {
        Labels labels = LabelsOf(manifest);
        return [.. Enumerable.Range(0, labels.Count).SelectMany(i => (string?[])[labels[i].Category, labels[i].Label]).OfType<string>()];
    }

    internal Labels LabelsOf(Manifest manifest) =>
        Labels.Read(Locate(manifest.Labels) ?? Path.Combine(ModelsPath, manifest.Labels), Locate(Labels.ChineseFile(manifest.Labels)));

    /// <summary>The ONNX graph of a model, converted from its weights if need be.</summary>
    /// <exception cref="InvalidModelException">The weights are missing or unusable; the message says what to do.</exception>
    internal ModelFile Open(Manifest manifest)
    {
        string weights = FindWeights(manifest) ?? throw new InvalidModelException(HowToGet(manifest));
        if (ModelFile.IsGraph(weights))
            return new ModelFile(weights, null, () => HashOf(weights));
        return _options.MakeGraph is { } make
            ? make(manifest, weights, HashOf(weights), CachePath)
            : throw new InvalidModelException(HowToConvert(Path.GetFileName(weights), manifest.NeededArchitecture));
    }

    internal static string HowToConvert(string weights, string architecture) =>
        $"`resnet models convert {NameInFile.Sentence(weights)} --arch {architecture} -o FILE.onnx` makes a graph of it.";

    internal static string HowToGet(Manifest manifest) =>
        manifest.Weights.Urls.Count > 0
            ? $"The weights of {manifest.Name} are not here: `resnet models pull {manifest.Name}` gets them."
        : manifest.Name == Bundled
            ? $"{Bundled} is not here: `dotnet build` makes it."
        : $"The weights of {manifest.Name} are not here: put {manifest.Weights.File} into the models folder.";

    private string? FirstAtHand() =>
        _options.Weights is { Length: > 0 } ? Official : ((string[])[Official, Bundled]).FirstOrDefault(IsAtHand);

    private bool IsAtHand(string name) => Locate(name + ".json") is { } path && Has(Read(path));

    private string? Locate(string file)
    {
        foreach (string folder in _folders)
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

    // The file of the settings is the default model's, before any in a folder.
    private string? FindWeights(Manifest manifest) =>
        _options.Weights is { Length: > 0 } own && manifest.Name == (_options.DefaultModel ?? Official) ? own : FindInFolders(manifest);

    /// <summary>A converted graph first, then weights.</summary>
    internal string? FindInFolders(Manifest manifest) =>
        Locate(manifest.Name + ".onnx") ?? Locate(manifest.Weights.File)
        ?? Locate(manifest.Name + ".pth") ?? Locate(manifest.Name + ".safetensors");

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
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
