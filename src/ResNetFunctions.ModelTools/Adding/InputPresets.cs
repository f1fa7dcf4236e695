using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Adding;

/// <summary>The inputs of models from widely used tools, by name.</summary>
public static class InputPresets
{
    internal const string Torchvision = "torchvision", CustomVision = "customvision", TeachableMachine = "teachable-machine", Pixels = "pixels";

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Torchvision, CustomVision, TeachableMachine, Pixels];

    internal static InputSpec Of(string name, int side) => name switch
    {
        // torchvision and most of timm resize to 256 for a crop of 224.
        Torchvision => new InputSpec { Resize = (int)Math.Round(side * 256 / 224.0), Crop = side },
        CustomVision => new InputSpec { Framing = Framing.Squash, Crop = side, Mean = [0, 0, 0], Std = [1, 1, 1] },
        TeachableMachine => new InputSpec
        {
            Framing = Framing.Fit,
            Crop = side,
            Interpolation = Interpolation.Lanczos,
            Range = 255,
            Mean = [127.5f, 127.5f, 127.5f],
            Std = [127.5f, 127.5f, 127.5f],
        },
        Pixels => new InputSpec { Framing = Framing.Squash, Crop = side, Range = 255, Mean = [0, 0, 0], Std = [1, 1, 1] },
        _ => throw new InvalidModelException($"There is no input '{name}'; there are {string.Join(", ", Names)}."),
    };

    internal static string Describe(InputSpec input)
    {
        string framing = input.Framing switch
        {
            Framing.Crop => $"the short side resized to {input.Resize}, the centre {input.Crop} x {input.Crop} cut out",
            Framing.Fit => $"the centre square resized to {input.Crop} x {input.Crop}",
            _ => $"squashed to {input.Crop} x {input.Crop}",
        };
        string values = input.KeepsPixels ? "0 to 255"
            : $"{(input.Range == 1 ? "0 to 1" : "0 to 255")}, less {List(input.Mean)}, divided by {List(input.Std)}";
        if (input.Range == 1 && input.Mean.All(static v => v == 0) && input.Std.All(static v => v == 1))
            values = "0 to 1";
        return $"{framing} ({input.Interpolation.ToString().ToLowerInvariant()}), {input.Channels.ToString().ToUpperInvariant()}, {values}";
    }

    private static string List(IEnumerable<float> values) =>
        values.Distinct().Count() == 1 ? Text(values.First()) : $"({string.Join(", ", values.Select(Text))})";

    private static string Text(float value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
