using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Adding;

/// <summary>A model that was found in the user's file or folder.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Input">How a picture becomes its input.</param>
/// <param name="Classes">The number of classes.</param>
internal sealed record FoundModel(ModelProto Graph, InputSpec Input, int Classes)
{
    public OutputKind Output { get; init; } = OutputKind.Logits;

    public bool MultiLabel { get; init; }

    /// <summary>The labels, if the file or folder has them.</summary>
    public Labels? Labels { get; init; }

    /// <summary>What was found and assumed, a line each, for the user to check.</summary>
    public required IReadOnlyList<string> Findings { get; init; }
}

/// <summary>What the user says of a model because the file does not.</summary>
/// <param name="Architecture">torchvision's name of the network.</param>
/// <param name="Output">The output's name, if there are several.</param>
/// <param name="Input">One of <see cref="InputPresets"/>.</param>
/// <param name="Channels">The order of the colours.</param>
/// <param name="Activation">One of <see cref="Activations"/>, between the layers of a head of several.</param>
public sealed record ModelHints(
    string? Architecture = null, string? Output = null, string? Input = null, ChannelOrder? Channels = null, string? Activation = null)
{
    /// <summary>What <see cref="Activation"/> may be; none: the layers have nothing between them, or a dropout.</summary>
    public static IReadOnlyList<string> Activations { get; } =
        [.. ((Activation[])[Onnx.Activation.Relu, Onnx.Activation.Relu6, Onnx.Activation.Silu, Onnx.Activation.HardSwish, Onnx.Activation.None]).Select(static a => $"{a}".ToLowerInvariant())];

    internal Activation? HeadActivation => Activation is null ? null : Enum.Parse<Activation>(Activation, ignoreCase: true);
}
