using System.IO.Compression;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools.Adding;

/// <summary>Adds a user's network: identifies it, converts it, runs it once, and writes it with its manifest.</summary>
/// <param name="store">Where it goes.</param>
public sealed class ModelAdder(ModelStore store)
{
    private const string ImageNetLabels = "imagenet-1k.tsv";

    private static readonly string[] LabelFiles = ["labels.txt", "labels.json", "metadata.json"];

    /// <summary>Adds a model.</summary>
    /// <param name="name">The new model's name.</param>
    /// <param name="weights">A file, a Hugging Face folder, or an unpacked export.</param>
    /// <param name="labelsFile">The labels; null if the weights have them.</param>
    /// <param name="hints">What the file does not say.</param>
    /// <param name="cancellationToken">Stops before anything is written.</param>
    /// <returns>The manifest, the graph's path, and what was found, a line each.</returns>
    /// <exception cref="InvalidModelException">It can't be used, or more must be said; the message says what to
    /// do.</exception>
    public (Manifest Manifest, string Onnx, IReadOnlyList<string> Findings) Add(
        string name, string weights, string? labelsFile, ModelHints hints, CancellationToken cancellationToken)
    {
        if (!Manifest.IsName(name))
            throw new InvalidModelException("A model's name has letters, digits, '.', '_' and '-', at most 64 of them.");
        if (store.Exists(name))
            throw new InvalidModelException($"There is a model {name} already: choose another name, or take its files away first.");

        FoundModel found = Identify(weights, hints);
        (Labels labels, string whose) = LabelsFor(found, labelsFile);
        if (labels.Count != found.Classes)
            throw new InvalidModelException($"The network has {found.Classes} classes, and {whose} has {labels.Count}.");

        var manifest = new Manifest
        {
            Name = name,
            Description = $"{found.Classes} classes, from {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(weights)))}.",
            Weights = new WeightsSource { File = name + ".onnx" },
            Input = found.Input,
            Output = found.Output,
            MultiLabel = found.MultiLabel,
            Labels = name + ".tsv",
        };
        Dictionary<string, string> metadata = found.Graph.MetadataProps.DistinctBy(static p => p.Key).ToDictionary(static p => p.Key, static p => p.Value);
        string onnx = NewModel.Write(store, manifest, found.Graph, labels, metadata, cancellationToken);
        return (manifest, onnx, [.. found.Findings, $"labels: {whose}: {Example(labels)}"]);
    }

    private static FoundModel Identify(string path, ModelHints hints)
    {
        if (Directory.Exists(path))
            return IdentifyFolder(path, hints);
        if (!File.Exists(path))
            throw new InvalidModelException($"There is no file or folder {NameInFile.Sentence(Path.GetFileName(path))}.");
        return FileKinds.KindOf(path) switch
        {
            FileKind.Weights => IdentifyWeights(path, null, hints),
            FileKind.OnnxZip => IdentifyZip(path, hints),
            _ => OnnxClassifier.Identify(OnnxFile.Read(path), null, hints),
        };
    }

    private static FoundModel IdentifyFolder(string folder, ModelHints hints)
    {
        if (FileKinds.FaultOfFolder(folder) is { } fault)
            throw new InvalidModelException(fault);
        if (HuggingFaceFolder.Open(folder) is { } model)
        {
            FoundModel found = FileKinds.KindOf(model.Weights) == FileKind.Onnx
                ? OnnxClassifier.Identify(OnnxFile.Read(model.Weights), model.Input(), hints)
                : IdentifyWeights(model.Weights, model, hints);
            return found with { Labels = model.Labels };
        }
        string[] graphs = Directory.GetFiles(folder, "*.onnx");
        if (graphs is not [var graph])
        {
            throw new InvalidModelException(
                $"The folder {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))} has no config.json, and {graphs.Length} .onnx files: name one file.");
        }
        return WithLabels(OnnxClassifier.Identify(OnnxFile.Read(graph), CustomVisionInput(folder), hints), file =>
            Path.Combine(folder, file) is var path && File.Exists(path) ? File.ReadAllText(path) : null);
    }

    private static FoundModel IdentifyWeights(string path, HuggingFaceFolder? folder, ModelHints hints)
    {
        if (hints.Output is not null)
            throw new InvalidModelException("--output is for an ONNX graph, and these are weights: leave the option out.");
        folder?.CheckNetwork();
        using StateDict weights = StateDict.Read(path);
        NamedNetwork network = NetworkNames.Find(weights, hints.Architecture ?? folder?.Architecture, hints.HeadActivation);
        if (hints.Activation is not null && network.Mlp is null)
            throw new InvalidModelException($"--activation is for a head of several layers, and this one has one, {network.Head}: leave the option out.");
        InputSpec input = hints.Input is { } named ? InputPresets.Of(named, 224) : folder?.Input() ?? InputPresets.Of(InputPresets.Torchvision, 224);
        input = input with { Channels = hints.Channels ?? input.Channels };
        List<string> findings =
        [
            $"weights of {network.Architecture}, {network.Classes} classes"
                + (network.Prefix.Length > 0 ? $", under {network.Prefix}" : "")
                + (network.Mlp is null ? $"; its last layer is {network.Head}" : $"; its head is {network.Head}, with {hints.Activation} between them as --activation says"),
            $"input: {InputPresets.Describe(input)}; "
                + (hints.Input is not null ? $"as you say, {hints.Input}'s" : folder?.Input() is not null ? "as the folder's files say" : "as torchvision's; --input says another"),
            "output: logits",
            .. network.Skipped.Count > 0 ? (string[])[$"skipped: {string.Join(", ", network.Skipped.Take(5))}"] : [],
        ];
        return new FoundModel(Architecture.Build(network.Architecture, network.Weights, network.Mlp, network.Epsilon), input, network.Classes) { Findings = findings };
    }

    // Custom Vision exports model.onnx and labels.txt, or a folder with them.
    private static FoundModel IdentifyZip(string path, ModelHints hints)
    {
        using ZipArchive zip = ZipFile.OpenRead(path);
        ZipArchiveEntry[] graphs = [.. zip.Entries.Where(static entry => entry.Name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))];
        if (graphs is not [var graph])
            throw new InvalidModelException($"{Path.GetFileName(path)} has {graphs.Length} .onnx files: unpack it and name one.");
        if (graph.Length > int.MaxValue)
            throw new InvalidModelException($"{graph.Name} is too large.");
        string folder = graph.FullName[..^graph.Name.Length];
        ModelProto model = OnnxFile.Parse(Bytes(graph));
        InputSpec? known = zip.GetEntry(folder + "cvexport.manifest") is null && zip.GetEntry(folder + "labels.txt") is null
            ? null : InputPresets.Of(InputPresets.CustomVision, 224);
        bool says = model.MetadataProps.Any(static p => p.Key.StartsWith("Image.", StringComparison.Ordinal));
        return WithLabels(OnnxClassifier.Identify(model, says ? null : known, hints), file =>
            zip.GetEntry(folder + file) is { Length: < 1 << 24 } entry ? System.Text.Encoding.UTF8.GetString(Bytes(entry)).TrimStart('\uFEFF') : null);
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        byte[] bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static InputSpec? CustomVisionInput(string folder) =>
        File.Exists(Path.Combine(folder, "cvexport.manifest")) ? InputPresets.Of(InputPresets.CustomVision, 224) : null;

    // Names in the graph are in the order of its scores; a file's may not be.
    private static FoundModel WithLabels(FoundModel found, Func<string, string?> read)
    {
        if (found.Labels is not null)
            return found;
        foreach (string file in LabelFiles)
        {
            if (read(file) is { } text)
                return found with { Labels = Labels.Parse(file, text) };
        }
        return found;
    }

    private (Labels, string Whose) LabelsFor(FoundModel found, string? file)
    {
        if (file is not null)
            return (Labels.Read(file), Path.GetFileName(file));
        if (found.Labels is not null)
            return (found.Labels, "those that came with it");
        string imageNet = Path.Combine(store.ModelsPath, ImageNetLabels);
        if (found.Classes == 1000 && (File.Exists(imageNet) || File.Exists(imageNet = Path.Combine(AppContext.BaseDirectory, "models", ImageNetLabels))))
            return (Labels.Read(imageNet), "ImageNet's 1,000, because of their number; --labels changes this");
        throw new InvalidModelException($"The network has {found.Classes} classes without names. Give them with --labels FILE: a line for each class, in the network's order.");
    }

    private static string Example(Labels labels) =>
        string.Join(", ", Enumerable.Range(0, Math.Min(3, labels.Count)).Select(i => NameInFile.Sentence(labels[i].Label))) + (labels.Count > 3 ? ", …" : "");
}
