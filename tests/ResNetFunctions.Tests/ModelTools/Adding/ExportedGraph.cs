using Google.Protobuf;
using ResNetFunctions.ModelTools.Onnx;
using ElementType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.Tests.ModelTools.Adding;

/// <summary>A classifier by the means of three channels, in the shapes that exporters give theirs.</summary>
internal sealed record ExportedGraph
{
    private const int Side = 8;

    public string Producer { get; init; } = "";

    public string Input { get; init; } = "data";

    public int[] InputShape { get; init; } = [0, 3, Side, Side];

    public ElementType InputType { get; init; } = ElementType.Float;

    /// <summary>The means are multiplied by it.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>A last layer with identity weights: Gemm, MatMul or none.</summary>
    public string? Linear { get; init; }

    /// <summary>The last node: Softmax, Sigmoid or none.</summary>
    public string? Last { get; init; } = "Softmax";

    /// <summary>The names of a ZipMap behind it, as Custom Vision's older exports have it: outputs classLabel and loss.</summary>
    public string[]? ZipMap { get; init; }

    /// <summary>Whether the features are an output too.</summary>
    public bool Features { get; init; }

    /// <summary>The declared shape of the output, if another.</summary>
    public int[]? OutputShape { get; init; }

    public Dictionary<string, string> Metadata { get; init; } = [];

    public byte[] ToBytes()
    {
        var graph = new GraphProto { Name = "exported", Input = { Tensor(Input, InputType, InputShape) } };
        string value = Input;
        NodeProto Node(string type, string output, params AttributeProto[] attributes)
        {
            var node = new NodeProto { OpType = type, Input = { value }, Output = { output }, Attribute = { attributes } };
            graph.Node.Add(node);
            value = output;
            return node;
        }

        graph.Initializer.Add(new TensorProto
        {
            Name = "scale",
            DataType = (int)ElementType.Float,
            FloatData = { Scale },
        });
        Node("Cast", "float", Int("to", (int)ElementType.Float));
        Node("Mul", "scaled").Input.Add("scale");
        if (InputShape[^1] == 3)
            Node("Transpose", "nchw", new AttributeProto { Name = "perm", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 0, 3, 1, 2 } });
        Node("GlobalAveragePool", "means");
        if (OutputShape is { Length: 4 })
            Node("Identity", "boxes");
        else
            Node("Flatten", "scores", Int("axis", 1));
        string features = value;
        if (Linear is not null)
            AddLinear(graph, Node);
        if (Last is not null)
            Node(Last, "probabilities", Last == "Softmax" ? [Int("axis", 1)] : []);
        else if (Features)
            Node("Neg", "other");
        if (ZipMap is null)
            graph.Output.Add(Tensor(value, ElementType.Float, OutputShape ?? [0, 3]));
        else
            AddZipMap(graph, value);
        if (Features)
            graph.Output.Insert(0, Tensor(features, ElementType.Float, [0, 3]));

        var model = new ModelProto
        {
            IrVersion = 8,
            ProducerName = Producer,
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 }, new OperatorSetIdProto { Domain = "ai.onnx.ml", Version = 1 } },
        };
        model.MetadataProps.Add(Metadata.Select(p => new StringStringEntryProto { Key = p.Key, Value = p.Value }));
        return model.ToByteArray();
    }

    private void AddLinear(GraphProto graph, Func<string, string, AttributeProto[], NodeProto> node)
    {
        graph.Initializer.Add(Initializer.Of("unit", [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]));
        graph.Initializer.Add(Initializer.Of("zero", [3], [0, 0, 0]));
        node(Linear!, "linear", []).Input.Add("unit");
        if (Linear == "MatMul")
            node("Add", "biased", []);
        graph.Node[^1].Input.Add("zero");
    }

    // The best one's name, and a map of name to probability for each picture.
    private void AddZipMap(GraphProto graph, string scores)
    {
        var names = new AttributeProto { Name = "classlabels_strings", Type = AttributeProto.Types.AttributeType.Strings };
        names.Strings.Add(ZipMap!.Select(ByteString.CopyFromUtf8));
        graph.Node.Add(new NodeProto { OpType = "ZipMap", Domain = "ai.onnx.ml", Input = { scores }, Output = { "loss" }, Attribute = { names } });
        graph.Node.Add(new NodeProto { OpType = "ArgMax", Input = { scores }, Output = { "best" }, Attribute = { Int("axis", 1), Int("keepdims", 0) } });
        graph.Node.Add(new NodeProto
        {
            OpType = "LabelEncoder",
            Domain = "ai.onnx.ml",
            Input = { "best" },
            Output = { "classLabel" },
            Attribute = { new AttributeProto { Name = "classes_strings", Type = AttributeProto.Types.AttributeType.Strings, Strings = { names.Strings } } },
        });
        graph.Output.Add(new ValueInfoProto { Name = "classLabel" });
        graph.Output.Add(new ValueInfoProto { Name = "loss" });
    }

    private static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static ValueInfoProto Tensor(string name, ElementType type, int[] dimensions)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(dimensions.Select((d, axis) => d > 0
            ? new TensorShapeProto.Types.Dimension { DimValue = d }
            : new TensorShapeProto.Types.Dimension { DimParam = $"free{axis}" }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}
