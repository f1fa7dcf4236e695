using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Adding;

/// <summary>What was found in the file or folder that a user brought.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Input">How a picture becomes its input.</param>
/// <param name="Classes">How many it tells apart.</param>
internal sealed record FoundModel(ModelProto Graph, InputSpec Input, int Classes)
{
    /// <summary>What its output is.</summary>
    public OutputKind Output { get; init; } = OutputKind.Logits;

    /// <summary>Whether a picture may be of several classes.</summary>
    public bool MultiLabel { get; init; }

    /// <summary>The classes, where the file or folder says what they are.</summary>
    public Labels? Labels { get; init; }

    /// <summary>What it is, and what was taken to be so: a line each, for the user to check.</summary>
    public required IReadOnlyList<string> Findings { get; init; }
}

/// <summary>What a user says of a model that the file does not.</summary>
/// <param name="Architecture">torchvision's name of the network.</param>
/// <param name="Output">The output's name, where there are several.</param>
/// <param name="Input">Whose input it has; one of <see cref="InputPresets"/>.</param>
/// <param name="Channels">The order of the colours.</param>
public sealed record ModelHints(string? Architecture = null, string? Output = null, string? Input = null, ChannelOrder? Channels = null);
