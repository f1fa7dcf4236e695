using Google.Protobuf;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using DataType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.ModelTools.Training;

/// <summary>A classifier without its last layer: its output is the features.</summary>
internal sealed class NetworkBody
{
    private const string Logits = "logits";

    // Operators after the last layer that are not layers.
    private static readonly HashSet<string> Passed =
    [
        "Cast", "DequantizeLinear", "Flatten", "Identity", "LogSoftmax", "QuantizeLinear", "Reshape", "Sigmoid", "Softmax", "Squeeze",
    ];

    private readonly ModelProto _model;
    private readonly string _features;

    private NetworkBody(ModelProto model, string features)
    {
        _model = model;
        _features = features;
    }

    /// <param name="name">The model's name, for messages.</param>
    /// <param name="model">The whole network; it is not changed.</param>
    /// <param name="output">The output, if there are several.</param>
    /// <exception cref="InvalidModelException">The last layer is not linear.</exception>
    public static NetworkBody Of(string name, ModelProto model, string? output)
    {
        GraphProto graph = model.Graph;
        Dictionary<string, NodeProto> makers = MakersOf(graph);
        NodeProto last = LastLayer(output ?? graph.Output[0].Name, graph, makers) is { OpType: "Gemm" or "MatMul" } linear
            ? linear
            : throw new InvalidModelException(
                $"{name} can't be trained on: its last layer is not a linear one (a Gemm or a MatMul with constant weights).");

        var body = new ModelProto { IrVersion = model.IrVersion, ProducerName = "ResNetFunctions", OpsetImport = { model.OpsetImport } };
        body.Graph = Needed(graph, last.Input[0], makers);
        body.Graph.Output.Add(new ValueInfoProto { Name = last.Input[0] }); // ONNX Runtime finds its type and shape itself.
        return new NetworkBody(body, last.Input[0]);
    }

    public byte[] ToBytes() => _model.ToByteArray();

    /// <summary>The network with another last layer, float32 [N, classes].</summary>
    /// <param name="weights">[classes, features].</param>
    /// <param name="bias">[classes].</param>
    /// <param name="halfFeatures">Whether the features are float16.</param>
    public ModelProto WithLastLayer(float[] weights, float[] bias, bool halfFeatures)
    {
        ModelProto model = _model.Clone();
        GraphProto graph = model.Graph;
        string Free(string name) => MakersOf(graph).ContainsKey(name) || graph.Initializer.Any(t => t.Name == name) ? Free(name + "_") : name;
        string features = _features, weight = Free("classifier.weight"), offset = Free("classifier.bias"), logits = Free(Logits);
        if (halfFeatures)
        {
            features = Free("features.float32");
            var to = new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)DataType.Float };
            graph.Node.Add(new NodeProto { OpType = "Cast", Input = { _features }, Output = { features }, Attribute = { to } });
        }

        var transposed = new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 };
        graph.Node.Add(new NodeProto
        {
            OpType = "Gemm",
            Name = "classifier",
            Input = { features, weight, offset },
            Output = { logits },
            Attribute = { transposed },
        });
        graph.Initializer.Add(Initializer.Of(weight, [bias.Length, weights.Length / bias.Length], weights));
        graph.Initializer.Add(Initializer.Of(offset, [bias.Length], bias));
        graph.Output.Clear();
        graph.Output.Add(OutputOf(logits, bias.Length));
        return model;
    }

    // The bias of a MatMul is an Add after it.
    private static NodeProto? LastLayer(string value, GraphProto graph, Dictionary<string, NodeProto> makers)
    {
        HashSet<string> constants = [.. graph.Initializer.Select(static t => t.Name)];
        bool IsConstant(string name)
        {
            // Quantized weights are constants behind a node or two.
            for (int step = 0; step <= Passed.Count && makers.TryGetValue(name, out NodeProto? maker); step++)
            {
                if (maker.OpType == "Constant")
                    return true;
                if (!Passed.Contains(maker.OpType))
                    return false;
                name = maker.Input[0];
            }
            return constants.Contains(name);
        }

        for (int step = 0; step < graph.Node.Count && makers.TryGetValue(value, out NodeProto? node); step++)
        {
            if (node.OpType is "Gemm" && !node.Attribute.Any(static a => a is { Name: "transA", I: 1 }))
                return node;
            if (node.OpType is "MatMul" && IsConstant(node.Input[1]))
                return node;
            bool isBias = node.OpType is "Add" && node.Input.Any(IsConstant);
            if (!isBias && !Passed.Contains(node.OpType))
                return null;
            value = isBias && IsConstant(node.Input[0]) ? node.Input[1] : node.Input[0];
        }
        return null;
    }

    // The nodes that a value depends on.
    private static GraphProto Needed(GraphProto graph, string value, Dictionary<string, NodeProto> makers)
    {
        HashSet<string> names = [];
        var open = new Stack<string>([value]);
        while (open.TryPop(out string? name))
        {
            if (!names.Add(name) || !makers.TryGetValue(name, out NodeProto? maker))
                continue;
            foreach (string input in maker.Input)
                open.Push(input);
        }

        var part = new GraphProto { Name = graph.Name };
        part.Node.Add(graph.Node.Where(node => node.Output.Any(names.Contains)));
        part.Initializer.Add(graph.Initializer.Where(tensor => names.Contains(tensor.Name)));
        HashSet<string> constants = [.. part.Initializer.Select(static tensor => tensor.Name)];
        part.Input.Add(graph.Input.Where(input => names.Contains(input.Name) && !constants.Contains(input.Name)));
        return part;
    }

    private static Dictionary<string, NodeProto> MakersOf(GraphProto graph)
    {
        Dictionary<string, NodeProto> makers = [];
        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output.Where(static output => output.Length > 0))
                makers.TryAdd(output, node);
        }
        return makers;
    }

    private static ValueInfoProto OutputOf(string name, int classes)
    {
        var shape = new TensorShapeProto
        {
            Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" }, new TensorShapeProto.Types.Dimension { DimValue = classes } },
        };
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
