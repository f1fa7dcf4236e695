using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>The architectures for which weights can be converted, by torchvision's names.</summary>
internal static class Architecture
{
    /// <summary>Any ResNet, ResNeXt or wide ResNet, whose depths and widths the weights tell.</summary>
    private const string AnyResNet = "resnet";

    private const long IrVersion = 8;
    private const long Opset = 17;
    private const int ImageNetClasses = 1000;

    private static readonly OrderedDictionary<string, INetwork> Networks = new()
    {
        ["resnet18"] = new ResNet(Bottleneck: false, [2, 2, 2, 2]),
        ["resnet34"] = new ResNet(Bottleneck: false, [3, 4, 6, 3]),
        ["resnet50"] = new ResNet(Bottleneck: true, [3, 4, 6, 3]),
        ["resnet101"] = new ResNet(Bottleneck: true, [3, 4, 23, 3]),
        ["resnet152"] = new ResNet(Bottleneck: true, [3, 8, 36, 3]),
        ["wide_resnet50_2"] = new ResNet(Bottleneck: true, [3, 4, 6, 3], BaseWidth: 128),
        ["mobilenet_v2"] = new MobileNetV2(),
        ["mobilenet_v3_small"] = MobileNetV3.Small,
        ["mobilenet_v3_large"] = MobileNetV3.Large,
        ["efficientnet_b0"] = new EfficientNet(),
        ["squeezenet1_1"] = new SqueezeNet(),
    };

    /// <summary>The names, smallest of each family first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Networks.Keys, AnyResNet];

    /// <summary>The architecture whose tensors the weights match in name and shape; null if there is none.</summary>
    public static string? Of(StateDict weights) => Names.FirstOrDefault(name =>
        (name != AnyResNet || ResNet.Of(weights) is not null) && Fault(Describe(name, weights), weights) is null);

    /// <summary>A network's layers, the classifier last; null if the weights can't be its.</summary>
    /// <param name="name">The architecture.</param>
    /// <param name="weights">They tell the depth and width of any ResNet.</param>
    public static IReadOnlyList<Layer>? LayersOf(string name, IReadOnlyDictionary<string, WeightTensor> weights)
    {
        INetwork? network = name == AnyResNet ? ResNet.Of(weights) : Named(name);
        return network is null ? null : Describe(name, network, ImageNetClasses).Layers;
    }

    /// <summary>The ONNX model of these weights: BatchNorm folded, any batch size, any number of classes.</summary>
    /// <inheritdoc cref="Open"/>
    public static ModelProto Build(string name, StateDict weights, MlpHead? head = null, double? epsilon = null)
    {
        (ModelProto model, IEnumerable<TensorProto> initializers) = Open(name, weights, head, epsilon);
        TensorProto[] all = [.. initializers];
        model.Graph.Initializer.Clear();
        model.Graph.Initializer.Add(all);
        return model;
    }

    /// <summary>The model without its weights, and its initializers, each of which is read when it is asked for.</summary>
    /// <param name="name">The architecture.</param>
    /// <param name="weights">By torchvision's names.</param>
    /// <param name="head">The layers after the first, if the head has several; null if it has one.</param>
    /// <param name="epsilon">The norms' epsilon; null for the architecture's.</param>
    /// <exception cref="InvalidModelException">Unknown architecture, or the weights are not its; the message names the first
    /// tensor that is missing, extra or of another shape.</exception>
    public static (ModelProto Model, IEnumerable<TensorProto> Initializers) Open(
        string name, StateDict weights, MlpHead? head = null, double? epsilon = null)
    {
        GraphBuilder described = Describe(name, weights, head);
        if (Fault(described, weights) is { } fault)
        {
            string hint = Of(weights) is { } other ? $" They are {other}'s." : "";
            throw new InvalidModelException($"The weights are not {name}'s: {fault}.{hint}");
        }

        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "ResNetFunctions",
            Graph = described.Graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Opset } },
        };
        return (model, described.Graph.Initializer.ToArray().Concat(described.Layers
            .Select(layer => epsilon is null ? layer : layer.With(epsilon.Value)).SelectMany(layer => layer.Fill(weights))));
    }

    /// <summary>Weights from a formula, the same for a seed everywhere.</summary>
    public static StateDict Seeded(string name, int seed = 0)
    {
        INetwork network = Named(name);
        return new(Describe(name, network, ImageNetClasses).Layers
            .SelectMany(static layer => layer.Tensors())
            .Select(tensor => SeededTensor.Make(tensor.Name, tensor.Shape, network.SeededGain, seed)));
    }

    private static GraphBuilder Describe(string name, StateDict weights, MlpHead? head = null)
    {
        INetwork network = name == AnyResNet
            ? ResNet.Of(weights) ?? throw new InvalidModelException("The weights are not a ResNet's.")
            : Named(name);
        GraphBuilder described = Describe(name, network, ImageNetClasses);
        int classes = weights.TryGetValue(described.Layers[^1].Module + ".weight", out WeightTensor? classifier) && classifier.Shape is [> 0 and var rows, ..]
            ? rows
            : ImageNetClasses;
        return classes == ImageNetClasses && head is null ? described : Describe(name, network, classes, head);
    }

    private static GraphBuilder Describe(string name, INetwork network, int classes, MlpHead? head = null)
    {
        var g = new GraphBuilder(name);
        Value x = network.Build(g, classes);
        for (int i = 0; i < head?.Widths.Count; i++)
            x = g.Linear(g.Activate(x, head.Activation), MlpHead.Name(i), head.Widths[i]);
        g.Output(x);
        return g;
    }

    private static INetwork Named(string name) => Networks.TryGetValue(name, out INetwork? network)
        ? network
        : throw new InvalidModelException($"There is no architecture '{name}'; there are {string.Join(", ", Names)}.");

    /// <summary>The first difference between the weights and the layers.</summary>
    private static string? Fault(GraphBuilder described, StateDict weights)
    {
        var expected = new HashSet<string>();
        foreach ((string name, int[] shape) in described.Layers.SelectMany(static layer => layer.Tensors()))
        {
            expected.Add(name);
            if (!weights.TryGetValue(name, out WeightTensor? tensor))
                return $"{name} is missing";
            if (!tensor.Shape.SequenceEqual(shape))
                return $"{name} is {WeightTensor.Describe(tensor.Shape)}, not {WeightTensor.Describe(shape)}";
        }

        // BatchNorm's counter of training steps, since torch 0.4.1.
        string? extra = weights.Keys.FirstOrDefault(key =>
            !expected.Contains(key) && !key.EndsWith(".num_batches_tracked", StringComparison.Ordinal));
        return extra is null ? null : $"{extra} is one tensor too many";
    }
}

/// <summary>The layers after the first of a head of several linear layers.</summary>
/// <param name="Activation">Before each of them.</param>
/// <param name="Widths">The outputs of each, the classes last.</param>
internal sealed record MlpHead(Activation Activation, IReadOnlyList<int> Widths)
{
    public static string Name(int index) => $"head.{index + 1}";
}
