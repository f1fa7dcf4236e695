using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.Tests.ModelTools.Adding;

/// <summary>Seeded weights of a MobileNet or EfficientNet as timm saves them.</summary>
internal static class TimmWeights
{
    // A stage's blocks: d is depthwise-separable, i inverted residual, capital with squeeze and excitation; c is a convolution.
    private static readonly Dictionary<string, string[]> Stages = new()
    {
        ["mobilenet_v2"] = ["d", "ii", "iii", "iiii", "iii", "iii", "i"],
        ["mobilenet_v3_small"] = ["D", "ii", "III", "II", "III", "c"],
        ["mobilenet_v3_large"] = ["d", "ii", "III", "iiii", "II", "III", "c"],
        ["efficientnet_b0"] = ["D", "II", "II", "III", "III", "IIII", "I"],
    };

    /// <summary>Both with the same values: torchvision's modules and timm's have the same order.</summary>
    public static (WeightTensor[] Torchvision, WeightTensor[] Timm) Of(string architecture, int classes)
    {
        bool isV3 = architecture.StartsWith("mobilenet_v3", StringComparison.Ordinal);
        WeightTensor[] seeded = [.. Architecture.Seeded(architecture).Values];
        int features = seeded[^2].Shape[1];
        WeightTensor[] torchvision =
        [
            .. seeded[..^2],
            SeededTensor.Make(seeded[^2].Name, [classes, features], gain: 1, seed: 0), SeededTensor.Make(seeded[^1].Name, [classes], gain: 1, seed: 0),
        ];
        string[] names = [.. Stages[architecture].SelectMany(OfStage).Prepend("bn1").Prepend("conv_stem").Concat(isV3 ? ["conv_head+bias"] : ["conv_head", "bn2"])
            .Append("classifier+bias").SelectMany(OfModule)];
        Assert.Equal(torchvision.Length, names.Length);
        return (torchvision, [.. torchvision.Zip(names, (tensor, name) => name switch
        {
            "conv_head.weight" when isV3 => new WeightTensor(name, [.. tensor.Shape, 1, 1], tensor.Read),
            // The epsilon of timm's norms is smaller.
            _ when isV3 && name.EndsWith(".running_var", StringComparison.Ordinal) =>
                new WeightTensor(name, [.. tensor.Shape], () => [.. tensor.Read().Select(static variance => variance + 0.001f - 0.00001f)]),
            _ => tensor.Named(name),
        })]);
    }

    private static IEnumerable<string> OfStage(string blocks, int stage) => blocks.SelectMany((kind, block) => (kind switch
    {
        'd' => (string[])["conv_dw", "bn1", "conv_pw", "bn2"],
        'D' => ["conv_dw", "bn1", "se.conv_reduce+bias", "se.conv_expand+bias", "conv_pw", "bn2"],
        'i' => ["conv_pw", "bn1", "conv_dw", "bn2", "conv_pwl", "bn3"],
        'I' => ["conv_pw", "bn1", "conv_dw", "bn2", "se.conv_reduce+bias", "se.conv_expand+bias", "conv_pwl", "bn3"],
        _ => ["conv", "bn1"],
    }).Select(module => $"blocks.{stage}.{block}.{module}"));

    private static IEnumerable<string> OfModule(string module) =>
        module.EndsWith("+bias", StringComparison.Ordinal) ? [module[..^5] + ".weight", module[..^5] + ".bias"]
        : module.Contains("conv", StringComparison.Ordinal) ? [module + ".weight"]
        : ((string[])["weight", "bias", "running_mean", "running_var"]).Select(part => $"{module}.{part}");
}
