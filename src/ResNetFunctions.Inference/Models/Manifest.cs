using System.Text.Json;
using System.Text.Json.Serialization;

namespace ResNetFunctions.Inference.Models;

/// <summary>What is known of a model: <c>models/NAME.json</c>. A user's own ONNX classifier needs no more than one.</summary>
public sealed record Manifest
{
    /// <summary>The name that requests use; the file's name without <c>.json</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for people.</summary>
    public string? Description { get; init; }

    /// <summary>The torchvision architecture that turns weights (.pth, .safetensors) into a graph; none for an .onnx.</summary>
    public string? Architecture { get; init; }

    /// <summary>The file with the weights and where it comes from.</summary>
    public required WeightsSource Weights { get; init; }

    /// <summary>How an image becomes the input tensor.</summary>
    public InputSpec Input { get; init; } = new();

    /// <summary>Whether the output is logits or already probabilities.</summary>
    public OutputKind Output { get; init; } = OutputKind.Logits;

    /// <summary>A file in the models folder: index, category and label of each class, tab-separated.</summary>
    public string Labels { get; init; } = "imagenet-1k.tsv";

    /// <summary>The accuracy that the weights' publisher states, if any.</summary>
    public PublishedAccuracy? Accuracy { get; init; }

    /// <summary>Reads a manifest. Unknown members are errors: a misspelt setting must not be ignored.</summary>
    /// <exception cref="InvalidModelException">The JSON is malformed or does not describe a model.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ManifestJson.Default.Manifest)
                ?? throw new InvalidModelException("The manifest is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidModelException($"The manifest is not valid: {e.Message}", e);
        }
    }

    /// <summary>The manifest as indented UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.Manifest);
}

/// <summary>The file with a model's weights.</summary>
public sealed record WeightsSource
{
    /// <summary>Its name in the models folder: .pth, .safetensors or .onnx.</summary>
    public required string File { get; init; }

    /// <summary>Where it can be downloaded, in the order to try.</summary>
    public IReadOnlyList<Uri> Urls { get; init; } = [];

    /// <summary>Its length in bytes, where known.</summary>
    public long? Bytes { get; init; }

    /// <summary>Its SHA-256 in lower-case hex, or (where no more is published) the first 8 digits of it.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The SPDX identifier of its licence.</summary>
    public string? License { get; init; }
}

/// <summary>Published accuracy on ImageNet-1k's validation set, in percent.</summary>
public sealed record PublishedAccuracy(double Top1, double Top5);

/// <summary>What a model's output is.</summary>
public enum OutputKind
{
    /// <summary>Raw scores: softmax is still to be applied.</summary>
    Logits,

    /// <summary>Probabilities that sum to 1.</summary>
    Probabilities,
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    WriteIndented = true)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
