using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools.Adding;

/// <summary>Finds a network in weights with other names than torchvision's: with a prefix, Hugging Face's names, timm's, a
/// list of a ResNet's children, or a last layer of any name.</summary>
internal static partial class NetworkNames
{
    private static readonly string[] FirstLayers = ["conv1.weight", "features.0.0.weight", "features.0.weight"];

    private static readonly string[] Children = ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"];

    /// <param name="weights">As they were saved.</param>
    /// <param name="wanted">The only architecture to try; null for all.</param>
    /// <param name="activation">Between the layers of a head of several; null if nobody said.</param>
    /// <exception cref="InvalidModelException">The network is not supported; the message says what differs.</exception>
    public static NamedNetwork Find(StateDict weights, string? wanted, Activation? activation = null)
    {
        string? almost = null;
        string[] architectures = wanted is null ? [.. Architecture.Names] : [wanted];
        foreach ((Dictionary<string, WeightTensor> names, bool isTimm) in Namings(weights))
        {
            foreach (string prefix in PrefixesOf(names.Keys))
            {
                foreach (string architecture in architectures)
                {
                    if (TryFind(architecture, prefix, names, activation, out NamedNetwork? found, out string? fault))
                        return isTimm ? FromTimm(found, wanted) : found;
                    almost ??= fault;
                }
            }
        }

        if (almost is not null)
            throw new InvalidModelException(almost);
        if (wanted is not null)
            Architecture.Build(wanted, weights); // Its message says which tensor differs.
        throw new InvalidModelException(
            $"The weights are of none of the networks that are offered ({string.Join(", ", Architecture.Names)}). "
            + $"Their tensors begin with {string.Join(", ", weights.Keys.Take(3))}. Export the network as ONNX instead: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\").");
    }

    // Of the two with the same tensors, only somebody's word tells which it is.
    private static NamedNetwork FromTimm(NamedNetwork found, string? wanted) =>
        wanted is null && TimmNames.TensorFlowVariantOf(found.Architecture) is { } variant
            ? throw new InvalidModelException(
                $"The weights are those of timm's {variant["tf_".Length..]} or of its {variant}, which has the same tensors and other padding. "
                + $"If they are the first's, say --arch {found.Architecture}. Export the second as ONNX: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\").")
            : found with { Epsilon = TimmNames.Epsilon };

    private static IEnumerable<(Dictionary<string, WeightTensor> Names, bool IsTimm)> Namings(StateDict weights)
    {
        WeightTensor[] tensors = [.. weights.Values.Where(static tensor => !tensor.Name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))];
        yield return (tensors.ToDictionary(static tensor => tensor.Name), false);
        yield return (Renamed(tensors, FromHuggingFace), false);
        if (TimmNames.Rename(tensors) is { } timm)
            yield return (timm, true);
        if (tensors.FirstOrDefault(static tensor => tensor.Name.EndsWith("4.0.conv1.weight", StringComparison.Ordinal)) is { } first)
        {
            string list = first.Name[..^"4.0.conv1.weight".Length];
            yield return (Renamed(tensors, name => FromChildren(name, list)), false);
        }
    }

    private static Dictionary<string, WeightTensor> Renamed(WeightTensor[] tensors, Func<string, string> rename)
    {
        Dictionary<string, WeightTensor> renamed = [];
        foreach (WeightTensor tensor in tensors)
            renamed.TryAdd(rename(tensor.Name), tensor);
        return renamed;
    }

    private static string FromHuggingFace(string name)
    {
        name = name.Replace("embedder.embedder.convolution", "conv1", StringComparison.Ordinal)
            .Replace("embedder.embedder.normalization", "bn1", StringComparison.Ordinal);
        name = HuggingFaceLayer().Replace(name, static m =>
            $"layer{Next(m.Groups[1])}.{m.Groups[2]}.{(m.Groups[4].Value == "convolution" ? "conv" : "bn")}{Next(m.Groups[3])}");
        return HuggingFaceShortcut().Replace(name, static m =>
            $"layer{Next(m.Groups[1])}.{m.Groups[2]}.downsample.{(m.Groups[3].Value == "convolution" ? 0 : 1)}");
    }

    private static int Next(Group number) => int.Parse(number.Value, System.Globalization.CultureInfo.InvariantCulture) + 1;

    // torch.nn.Sequential(*list(resnet.children())[:-1])
    private static string FromChildren(string name, string list)
    {
        if (!name.StartsWith(list, StringComparison.Ordinal))
            return name;
        string[] parts = name[list.Length..].Split('.', 2);
        return parts.Length == 2 && int.TryParse(parts[0], out int child) && child < Children.Length ? $"{list}{Children[child]}.{parts[1]}" : name;
    }

    private static IEnumerable<string> PrefixesOf(IEnumerable<string> names) => names
        .SelectMany(static name => FirstLayers.Where(first => name.EndsWith(first, StringComparison.Ordinal)).Select(first => name[..^first.Length]))
        .Where(static prefix => prefix.Length == 0 || prefix[^1] == '.')
        .Distinct().OrderBy(static prefix => prefix.Length);

    // fault: the body matches, but the last layer can't be told from the weights.
    private static bool TryFind(
        string architecture, string prefix, Dictionary<string, WeightTensor> names, Activation? activation,
        [NotNullWhen(true)] out NamedNetwork? found, out string? fault)
    {
        (found, fault) = (null, null);
        Dictionary<string, WeightTensor> own = names.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[prefix.Length..], static entry => entry.Value);
        if (Architecture.LayersOf(architecture, own) is not { } layers)
            return false;

        List<WeightTensor> tensors = [];
        HashSet<string> left = [.. names.Keys];
        foreach ((string name, int[] shape) in layers.SkipLast(1).SelectMany(static layer => layer.Tensors()))
        {
            if (!own.TryGetValue(name, out WeightTensor? tensor) || !tensor.Shape.SequenceEqual(shape))
                return false;
            tensors.Add(tensor.Named(name));
            left.Remove(prefix + name);
        }

        Layer last = layers[^1];
        string[] matrices = [.. left.Where(name => names[name].Shape.Count > 1).Order(ByNumbers)];
        if (matrices.Any(name => names[name].Shape.Count > 2 && !IsLast(names[name], last)))
            return false; // More of a network than this architecture has.
        string[] linear = InOrder(matrices, names, last);
        string[] heads = [.. linear.Select(static name => name[..^".weight".Length])];
        // Small tensors elsewhere, such as a loss's, are none of the network.
        string[] unknown = [.. matrices.Except(linear), .. left.Where(name => names[name].Shape.Count <= 1
            && name.StartsWith(prefix, StringComparison.Ordinal) && !heads.Any(head => name == head + ".bias"))];
        bool follow = linear.Length > 0 && unknown.Length == 0;
        if (!follow || (linear.Length > 1 && activation is null))
        {
            fault = matrices.Length == 0
                ? $"The weights are {architecture}'s, but without a last layer: they give features, and no classes. Save the whole network."
                : $"The weights are {architecture}'s, with a head of several layers ({string.Join(", ", matrices.Union(unknown))}). "
                    + (follow
                        ? $"Say which activation is between them, --activation {string.Join(" or ", ModelHints.Activations)}, or export"
                        : "Weights alone do not describe it. Export")
                    + " the network as ONNX: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\").";
            return false;
        }

        for (int i = 0; i < linear.Length; i++)
        {
            WeightTensor weight = names[linear[i]];
            string module = i == 0 ? last.Module : MlpHead.Name(i - 1);
            tensors.Add(weight.Named(module + ".weight"));
            tensors.Add(names.TryGetValue(heads[i] + ".bias", out WeightTensor? bias)
                ? bias.Named(module + ".bias")
                : new WeightTensor(module + ".bias", [weight.Shape[0]], () => new float[weight.Shape[0]]));
            left.ExceptWith([linear[i], heads[i] + ".bias"]);
        }
        int[] widths = [.. linear.Select(name => names[name].Shape[0])];
        MlpHead? mlp = linear.Length > 1 ? new MlpHead(activation!.Value, widths[1..]) : null;
        found = new NamedNetwork(
            architecture, new StateDict(tensors), widths[^1], prefix, string.Join(", ", heads), mlp, [.. left.Order(StringComparer.Ordinal)]);
        return true;
    }

    // The layers of the head: one alone, or linear ones of which each takes the outputs of the one before. In a Sequential their
    // numbers give the order; else the shapes must allow only one.
    private static string[] InOrder(string[] matrices, Dictionary<string, WeightTensor> names, Layer last)
    {
        List<string> left = [.. matrices.Where(static name => name.EndsWith(".weight", StringComparison.Ordinal))];
        if (left is [var alone])
            return IsLast(names[alone], last) ? [alone] : [];
        if (last.WeightShape is not [_, var inputs])
            return [];
        bool isSequential = left.DistinctBy(static name => Number().Replace(name, "")).Count() == 1;
        List<string> found = [];
        while (left.Count > 0)
        {
            string[] next = [.. left.Where(name => names[name].Shape is [_, var taken] && taken == inputs)];
            if (next.Length == 0 || (isSequential ? next[0] != left[0] : next.Length > 1))
                return [];
            found.Add(next[0]);
            left.Remove(next[0]);
            inputs = names[next[0]].Shape[0];
        }
        return [.. found];
    }

    // fc.3 before fc.10.
    private static readonly Comparer<string> ByNumbers = Comparer<string>.Create(static (a, b) =>
        string.CompareOrdinal(Padded(a), Padded(b)));

    private static string Padded(string name) => Number().Replace(name, static m => m.Value.PadLeft(9, '0'));

    private static bool IsLast(WeightTensor tensor, Layer last) =>
        tensor.Shape.Count == last.WeightShape.Length && tensor.Shape.Skip(1).SequenceEqual(last.WeightShape.Skip(1));

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"encoder\.stages\.(\d{1,2})\.layers\.(\d{1,3})\.layer\.(\d)\.(convolution|normalization)")]
    private static partial Regex HuggingFaceLayer();

    [GeneratedRegex(@"encoder\.stages\.(\d{1,2})\.layers\.(\d{1,3})\.shortcut\.(convolution|normalization)")]
    private static partial Regex HuggingFaceShortcut();
}

/// <param name="Architecture">torchvision's name.</param>
/// <param name="Weights">By torchvision's names.</param>
/// <param name="Classes">The number of classes.</param>
/// <param name="Prefix">The prefix of the network's names.</param>
/// <param name="Head">The names of the head's layers.</param>
/// <param name="Mlp">The layers after the first, if the head has several; null if it has one.</param>
/// <param name="Skipped">Small tensors that are not the network's, such as a loss's.</param>
internal sealed record NamedNetwork(
    string Architecture, StateDict Weights, int Classes, string Prefix, string Head, MlpHead? Mlp, IReadOnlyList<string> Skipped)
{
    /// <summary>The norms' epsilon; null if it is the architecture's.</summary>
    public double? Epsilon { get; init; }
}
