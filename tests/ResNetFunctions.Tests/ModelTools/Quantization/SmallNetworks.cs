using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

/// <summary>A network of seeded weights around each kind of block that the architectures are made of.</summary>
internal static class SmallNetworks
{
    private const int Channels = 16;
    private const int Classes = 10;

    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> Blocks = new()
    {
        ["residual"] = static (g, x) =>
        {
            Value y = g.Conv(g.Relu(g.Conv(x, "conv1", Channels, 3, norm: new("bn1"))), "conv2", Channels, 3, norm: new("bn2"));
            x = g.Relu(g.Add(y, x, "add"));
            y = g.Conv(x, "conv3", 2 * Channels, 3, stride: 2);
            return g.Relu(g.Add(y, g.Conv(x, "downsample", 2 * Channels, stride: 2), "add2"));
        },
        ["grouped"] = static (g, x) => g.Relu(g.Conv(x, "conv", 2 * Channels, 3, groups: 4)),
        ["relu6"] = static (g, x) => Inverted(g, x, Activation.Relu6),
        ["hardswish"] = static (g, x) => Inverted(g, x, Activation.HardSwish, new(8, Activation.Relu, Activation.HardSigmoid)),
        ["silu"] = static (g, x) => Inverted(g, x, Activation.Silu, new(8, Activation.Silu, Activation.Sigmoid)),
        ["stem"] = static (g, x) => x,
        ["fire"] = static (g, x) => new Fire(8, 16).Build(g, x, "fire"),
    };

    public static IEnumerable<string> Names => Blocks.Keys;

    public static ModelProto Build(string block)
    {
        var g = new GraphBuilder(block);
        (int kernel, int stride) = block == "stem" ? (7, 2) : (3, 4);
        Value x = g.Relu(g.Conv(g.Input(), "stem", Channels, kernel, stride, norm: new("stem.norm")));
        x = Blocks[block](g, g.MaxPool(x, "pool", 3, 2, 1));
        g.Output(g.Linear(g.Flatten(g.GlobalAveragePool(x, "avgpool")), "fc", Classes));

        var weights = new StateDict(g.Layers.SelectMany(static layer => layer.Tensors())
            .Select(static tensor => SeededTensor.Make(tensor.Name, tensor.Shape, gain: 1, seed: 0)));
        foreach (Layer layer in g.Layers)
            g.Graph.Initializer.Add(layer.Fill(weights));
        return new ModelProto
        {
            IrVersion = 8,
            Graph = g.Graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
        };
    }

    private static Value Inverted(GraphBuilder g, Value x, Activation activation, SqueezeExcitation? excitation = null) =>
        new InvertedResidual(2 * Channels, Channels, 3, 1, activation, excitation).Build(g, x, "block", "layers");
}
