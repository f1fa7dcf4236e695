using System.Text.RegularExpressions;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools.Adding;

/// <summary>timm's MobileNets and EfficientNets: the networks of torchvision under other names. Its ResNets have the same
/// names.</summary>
internal static partial class TimmNames
{
    /// <summary>timm's norms have PyTorch's own epsilon. Only torchvision's MobileNetV3 has another.</summary>
    public const double Epsilon = 1e-5;

    private const string Stem = "conv_stem.weight";

    // torchvision's name of each network with layers of its own in timm.
    private static readonly Dictionary<string, string> Networks = new()
    {
        ["mobilenetv2_100"] = "mobilenet_v2",
        ["mobilenetv3_small_100"] = "mobilenet_v3_small",
        ["mobilenetv3_large_100"] = "mobilenet_v3_large",
        ["efficientnet_b0"] = "efficientnet_b0",
    };

    /// <summary>Whether one of ours is the same network: others may have the same tensors, and layers without any
    /// (resnetblur50, resnetaa50, tf_efficientnet_b0).</summary>
    /// <param name="model">timm's name.</param>
    /// <param name="architecture">torchvision's name; null if the tensors tell it.</param>
    public static bool IsOffered(string model, out string? architecture) =>
        Networks.TryGetValue(model, out architecture) || ResNet().IsMatch(model);

    /// <summary>timm's name of the variant with TensorFlow's padding, whose tensors are the same; null if there is none.</summary>
    public static string? TensorFlowVariantOf(string architecture) =>
        Networks.FirstOrDefault(network => network.Value == architecture).Key is { } timm && timm != "mobilenetv2_100" ? "tf_" + timm : null;

    /// <summary>The tensors by torchvision's names; null if the names are not timm's.</summary>
    public static Dictionary<string, WeightTensor>? Rename(IReadOnlyList<WeightTensor> tensors)
    {
        if (tensors.FirstOrDefault(static tensor => tensor.Name == Stem || tensor.Name.EndsWith("." + Stem, StringComparison.Ordinal)) is not { } stem)
            return null;
        string prefix = stem.Name[..^Stem.Length];
        Dictionary<string, WeightTensor> own = tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(tensor => tensor.Name[prefix.Length..]);
        var names = new Names(own);
        var renamed = new Dictionary<string, WeightTensor>();
        foreach (WeightTensor tensor in tensors)
        {
            bool isOwn = tensor.Name.StartsWith(prefix, StringComparison.Ordinal);
            renamed.TryAdd(isOwn ? prefix + names.Of(tensor.Name[prefix.Length..]) : tensor.Name, names.IsLinear(tensor, prefix) ? Flat(tensor) : tensor);
        }
        return renamed;
    }

    // A 1x1 convolution of the pooled features is a linear layer.
    private static WeightTensor Flat(WeightTensor tensor) => new(tensor.Name, [.. tensor.Shape.Take(2)], tensor.Read);

    /// <summary>torchvision's names of one network's tensors.</summary>
    private sealed class Names
    {
        private readonly IReadOnlyDictionary<string, WeightTensor> _tensors;
        private readonly Dictionary<string, int> _blocks;
        private readonly bool _isV2, _isV3;
        private readonly int _stages;

        public Names(IReadOnlyDictionary<string, WeightTensor> tensors)
        {
            _tensors = tensors;
            (int Stage, int Block)[] blocks = [.. tensors.Keys.Select(static name => Block().Match(name)).Where(static m => m.Success)
                .Select(static m => (int.Parse(m.Groups[1].Value), int.Parse(m.Groups[2].Value))).Distinct().Order()];
            _blocks = blocks.Index().ToDictionary(static block => $"{block.Item.Stage}.{block.Item.Block}", static block => block.Index + 1);
            _stages = blocks.Length == 0 ? 0 : blocks[^1].Stage + 1;
            _isV3 = tensors.ContainsKey("conv_head.bias");
            _isV2 = !_isV3 && !tensors.Keys.Any(static name => name.Contains(".se.", StringComparison.Ordinal));
        }

        public bool IsLinear(WeightTensor tensor, string prefix) => _isV3 && tensor.Name == prefix + "conv_head.weight" && tensor.Shape is [_, _, 1, 1];

        public string Of(string name)
        {
            int end = name.LastIndexOf('.');
            (string module, string tensor) = end < 0 ? (name, "") : (name[..end], name[end..]);
            int last = 1 + (_isV2 || _isV3 ? _blocks.Count : _stages);
            string? other = module switch
            {
                "conv_stem" => "features.0.0",
                "bn1" => "features.0.1",
                "conv_head" => _isV3 ? "classifier.0" : $"features.{last}.0",
                "bn2" => $"features.{last}.1",
                _ => Block().Match(module) is { Success: true } m ? OfBlock(m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value) : null,
            };
            return other is null ? name : other + tensor;
        }

        private string? OfBlock(string stage, string block, string layer)
        {
            int index = _blocks[$"{stage}.{block}"];
            string feature = _isV2 || _isV3 ? $"features.{index}" : $"features.{int.Parse(stage) + 1}.{block}";
            bool Has(string module) => _tensors.ContainsKey($"blocks.{stage}.{block}.{module}.weight");
            if (Has("conv"))
                return layer switch { "conv" => feature + ".0", "bn1" => feature + ".1", _ => null };

            // Widen (conv_pw), depthwise (conv_dw), squeeze and excitation (se), narrow (conv_pwl). A block that does not widen
            // narrows with conv_pw.
            bool widens = Has("conv_pwl");
            int depthwise = widens ? 1 : 0;
            int narrow = depthwise + (Has("se.conv_reduce") ? 2 : 1);
            string branch = feature + (_isV2 ? ".conv." : ".block.");
            string NarrowConv() => branch + (_isV2 ? $"{narrow}" : $"{narrow}.0");
            string NarrowNorm() => branch + (_isV2 ? $"{narrow + 1}" : $"{narrow}.1");
            return (layer, widens) switch
            {
                ("conv_pw", true) => branch + "0.0",
                ("bn1", true) => branch + "0.1",
                ("conv_dw", _) => $"{branch}{depthwise}.0",
                ("bn2", true) or ("bn1", false) => $"{branch}{depthwise}.1",
                ("se.conv_reduce", _) => $"{branch}{depthwise + 1}.fc1",
                ("se.conv_expand", _) => $"{branch}{depthwise + 1}.fc2",
                ("conv_pwl", true) or ("conv_pw", false) => NarrowConv(),
                ("bn3", true) or ("bn2", false) => NarrowNorm(),
                _ => null,
            };
        }
    }

    [GeneratedRegex(@"^blocks\.(\d{1,2})\.(\d{1,3})\.(.+)$")]
    private static partial Regex Block();

    [GeneratedRegex(@"^(wide_)?(resnet|resnext)\d+(_2|_\d+x\d+d)?$")]
    private static partial Regex ResNet();
}
