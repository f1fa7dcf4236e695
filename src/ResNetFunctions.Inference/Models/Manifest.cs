using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using ResNetFunctions.Imaging.Preprocessing;

namespace ResNetFunctions.Inference.Models;

/// <summary>A model's description: <c>models/NAME.json</c>.</summary>
/// <remarks>Setters, not init: generated JSON code writes every init property and would undo the defaults.</remarks>
public sealed partial record Manifest
{
    /// <summary>The name in requests; the file's name without <c>.json</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence.</summary>
    public string? Description { get; set; }

    /// <summary>The same in Chinese.</summary>
    public string? DescriptionZh { get; set; }

    /// <summary>torchvision's name of the architecture, for weights (.pth, .safetensors); none for an .onnx.</summary>
    public string? Architecture { get; set; }

    /// <summary>The file with the weights, and its source.</summary>
    public required WeightsSource Weights { get; init; }

    /// <summary>How an image becomes the input tensor.</summary>
    public InputSpec Input { get; set; } = new();

    /// <summary>What the output's numbers are.</summary>
    public OutputKind Output { get; set; } = OutputKind.Logits;

    /// <summary>The output's name, if the graph has several.</summary>
    public string? OutputName { get; set; }

    /// <summary>Whether a picture may have several classes, each with its own probability. An answer then has every class
    /// above <see cref="Threshold"/>.</summary>
    public bool MultiLabel { get; set; }

    /// <summary>The least probability of a class in an answer of a <see cref="MultiLabel"/> model, 0 to 1.</summary>
    public float Threshold { get; set; } = 0.5f;

    /// <summary>The labels file in the models folder.</summary>
    public string Labels { get; set; } = "imagenet-1k.tsv";

    /// <summary>The accuracy that the publisher states.</summary>
    public PublishedAccuracy? Accuracy { get; set; }

    /// <summary>What an int8 model was made from.</summary>
    public QuantizationFacts? Quantization { get; set; }

    /// <summary>What a float16 model was made from.</summary>
    public Float16Facts? Float16 { get; set; }

    /// <summary>What a model of <c>resnet train</c> was made from.</summary>
    public TrainingFacts? Training { get; set; }

    internal string NeededArchitecture => Architecture
        ?? throw new InvalidModelException($"{Name} names no architecture, so its weights must be an .onnx file.");

    /// <summary>Reads a manifest. Unknown members are errors, so that a misspelt one is noticed.</summary>
    /// <exception cref="InvalidModelException">The JSON is malformed or does not describe a model.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            Manifest manifest = JsonSerializer.Deserialize(json, ManifestJson.Default.Manifest)
                ?? throw new InvalidModelException("The manifest is empty.");
            return manifest.Problem() is { } problem ? throw new InvalidModelException(problem) : manifest;
        }
        catch (JsonException e)
        {
            // The message is .NET's, and quotes the file.
            throw new InvalidModelException($"The manifest is not valid: {NameInFile.Sentence(e.Message)}", e);
        }
    }

    internal static bool IsName(string name) => NamePattern().IsMatch(name);

    private string? Problem()
    {
        if (!IsName(Name))
            return "name: letters, digits, '.', '_' and '-', at most 64.";
        if (!FilePattern().IsMatch(Weights.File))
            return "weights.file must be the plain name of a .pth, .safetensors or .onnx file in the models folder.";
        if (Weights.File.EndsWith(".onnx", StringComparison.Ordinal) != (Architecture is null))
            return "architecture is needed with .pth and .safetensors weights, and with them alone.";
        if (Weights.Sha256 is { } sha && !ShaPattern().IsMatch(sha))
            return "weights.sha256 must be 64 (or the first 8) lower-case hex digits.";
        if (!Weights.Urls.All(url => url is { IsAbsoluteUri: true } && url.Scheme == Uri.UriSchemeHttps))
            return "weights.urls must be https addresses.";
        if (!LabelsPattern().IsMatch(Labels))
            return "labels must be the plain name of a file in the models folder.";
        if (MultiLabel && Output == OutputKind.Logits)
            return "multiLabel needs an output of sigmoid or probabilities: softmax makes of all classes one.";
        if (Threshold is not (>= 0 and <= 1))
            return "threshold must be 0 to 1.";
        return Input.Problem() is { } problem ? $"input.{problem}" : null;
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.(pth|safetensors|onnx)\z")]
    private static partial Regex FilePattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex LabelsPattern();

    [GeneratedRegex("^([0-9a-f]{8}|[0-9a-f]{64})\\z")]
    private static partial Regex ShaPattern();

    /// <summary>The manifest as indented UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.Manifest);
}

/// <summary>The file with a model's weights.</summary>
public sealed record WeightsSource
{
    /// <summary>Its name in the models folder: .pth, .safetensors or .onnx.</summary>
    public required string File { get; init; }

    /// <summary>What the weights with this <see cref="Sha256"/> are.</summary>
    public WeightsKind Kind { get; set; }

    /// <summary>Where it can be downloaded, in the order to try.</summary>
    public IReadOnlyList<Uri> Urls { get; set; } = [];

    /// <summary>Its length, if known.</summary>
    public long? Bytes { get; set; }

    /// <summary>The SHA-256 in lower-case hex, or its first 8 digits if no more is published.</summary>
    public string? Sha256 { get; set; }

    /// <summary>The SPDX identifier of its licence.</summary>
    public string? License { get; set; }
}

/// <summary>What a model's weights are.</summary>
public enum WeightsKind
{
    /// <summary>Published by the network's authors.</summary>
    Official,

    /// <summary>Made at build from a NuGet package.</summary>
    Bundled,

    /// <summary>Made by <c>resnet train</c>.</summary>
    Trained,
}

/// <summary>The accuracy that the publisher states, in percent.</summary>
/// <param name="Top1">How often the most probable class is right.</param>
/// <param name="Top5">How often the right class is among the five most probable.</param>
/// <param name="On">The data set, if it is not ImageNet-1k's validation set.</param>
public sealed record PublishedAccuracy(double Top1, double Top5, string? On = null);

/// <summary>What a model's output is.</summary>
public enum OutputKind
{
    /// <summary>Scores before softmax.</summary>
    Logits,

    /// <summary>Probabilities.</summary>
    Probabilities,

    /// <summary>Scores before a sigmoid for each class.</summary>
    Sigmoid,
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters =
    [
        typeof(CamelCase<Interpolation>), typeof(CamelCase<ChannelOrder>), typeof(CamelCase<TensorLayout>),
        typeof(CamelCase<OutputKind>), typeof(CamelCase<Framing>), typeof(CamelCase<WeightsKind>),
    ],
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    WriteIndented = true)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;

internal sealed class CamelCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
