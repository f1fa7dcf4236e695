using System.Globalization;

namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>A value in the graph: an image of so many channels, or a vector of so many features.</summary>
internal readonly record struct Value(string Name, int Channels);

/// <summary>Builds a network's graph: the nodes in order, and the layers whose weights are filled in later. Layers have the
/// names of torchvision's modules, values those of their nodes.</summary>
internal sealed class GraphBuilder(string name)
{
    public const string InputName = "input";
    public const string OutputName = "logits";

    private const string BatchDimension = "N";
    private const int ImageSide = 224;

    private readonly List<Layer> _layers = [];

    public GraphProto Graph { get; } = new() { Name = name };

    /// <summary>The layers with weights, in node order; the classifier is last.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Float32 [N, 3, 224, 224].</summary>
    public Value Input()
    {
        Graph.Input.Add(Tensor(InputName, 3, ImageSide, ImageSide));
        return new Value(InputName, 3);
    }

    /// <summary>Float32 [N, classes].</summary>
    public void Output(Value logits)
    {
        Graph.Node[^1].Output[0] = OutputName;
        Graph.Output.Add(Tensor(OutputName, logits.Channels));
    }

    /// <summary>A convolution, padded so that stride 1 keeps the size, with its BatchNorm.</summary>
    /// <param name="x">The input.</param>
    /// <param name="module">The module's name.</param>
    /// <param name="channels">The output's channels.</param>
    /// <param name="kernel">The side of the kernel.</param>
    /// <param name="stride">In both directions.</param>
    /// <param name="groups">The groups of channels.</param>
    /// <param name="norm">The BatchNorm, which replaces the bias.</param>
    /// <param name="padding">If other than half the kernel.</param>
    public Value Conv(
        Value x, string module, int channels, int kernel = 1, int stride = 1, int groups = 1, BatchNorm? norm = null,
        int? padding = null)
    {
        int pad = padding ?? (kernel - 1) / 2;
        _layers.Add(new Layer(module, [channels, x.Channels / groups, kernel, kernel], norm));
        return Node("Conv", module, channels, [x.Name, module + ".weight", module + ".bias"],
            Ints("kernel_shape", kernel, kernel), Ints("strides", stride, stride), Ints("pads", pad, pad, pad, pad),
            Int("group", groups));
    }

    /// <summary>torchvision's block of a convolution (member 0), BatchNorm (member 1) and activation.</summary>
    public Value ConvNorm(
        Value x, string module, int channels, int kernel = 1, int stride = 1, int groups = 1,
        Activation activation = Activation.None, double epsilon = 1e-5) =>
        Activate(
            Conv(x, module + ".0", channels, kernel, stride, groups, new BatchNorm(module + ".1", epsilon)), activation);

    /// <summary>A fully connected layer with a bias.</summary>
    public Value Linear(Value x, string module, int features)
    {
        _layers.Add(new Layer(module, [features, x.Channels], null));
        return Node("Gemm", module, features, [x.Name, module + ".weight", module + ".bias"], Int("transB", 1));
    }

    public Value Relu(Value x) => Node("Relu", x.Name + ".relu", x.Channels, [x.Name]);

    public Value Activate(Value x, Activation activation) => activation switch
    {
        Activation.None => x,
        Activation.Relu => Relu(x),
        Activation.Relu6 => Node("Clip", x.Name + ".relu6", x.Channels, [x.Name, Scalar(0), Scalar(6)]),
        Activation.HardSwish => Node("HardSwish", x.Name + ".hardswish", x.Channels, [x.Name]),
        Activation.HardSigmoid => Node("HardSigmoid", x.Name + ".hardsigmoid", x.Channels, [x.Name],
            Float("alpha", 1f / 6), Float("beta", 0.5f)),
        Activation.Sigmoid => Node("Sigmoid", x.Name + ".sigmoid", x.Channels, [x.Name]),
        Activation.Silu => Multiply(x, Activate(x, Activation.Sigmoid), x.Name + ".silu"),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    public Value MaxPool(Value x, string module, int kernel, int stride, int padding = 0, bool ceilMode = false) =>
        Node("MaxPool", module, x.Channels, [x.Name],
            Ints("kernel_shape", kernel, kernel), Ints("strides", stride, stride),
            Ints("pads", padding, padding, padding, padding), Int("ceil_mode", ceilMode ? 1 : 0));

    public Value GlobalAveragePool(Value x, string module) => Node("GlobalAveragePool", module, x.Channels, [x.Name]);

    /// <summary>[N, C, 1, 1] to [N, C].</summary>
    public Value Flatten(Value x) => Node("Flatten", x.Name + ".flatten", x.Channels, [x.Name], Int("axis", 1));

    public Value Add(Value a, Value b, string module) => Node("Add", module, a.Channels, [a.Name, b.Name]);

    /// <summary>The second value may be [N, C, 1, 1].</summary>
    public Value Multiply(Value a, Value b, string module) => Node("Mul", module, a.Channels, [a.Name, b.Name]);

    public Value Concat(Value a, Value b, string module) =>
        Node("Concat", module, a.Channels + b.Channels, [a.Name, b.Name], Int("axis", 1));

    private Value Node(string type, string module, int channels, string[] inputs, params AttributeProto[] attributes)
    {
        Graph.Node.Add(new NodeProto
        {
            OpType = type,
            Name = module,
            Input = { inputs },
            Output = { module },
            Attribute = { attributes },
        });
        return new Value(module, channels);
    }

    /// <summary>The name of a constant, which is added once.</summary>
    private string Scalar(float value)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"constant.{value}");
        if (!Graph.Initializer.Any(tensor => tensor.Name == name))
            Graph.Initializer.Add(Initializer.Of(name, [], [value]));
        return name;
    }

    private static AttributeProto Float(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    private static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static AttributeProto Ints(string name, params long[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    private static ValueInfoProto Tensor(string name, params int[] dimensions)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = BatchDimension } } };
        shape.Dim.Add(dimensions.Select(static d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
