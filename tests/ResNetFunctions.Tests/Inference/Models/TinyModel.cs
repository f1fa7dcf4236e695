using System.Text.Json.Nodes;
using Google.Protobuf;
using ResNetFunctions.ModelTools.Onnx;
using ElementType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.Tests.Inference.Models;

/// <summary>The smallest ONNX classifier: its logits are the means of the three channels, so a red picture is of the first
/// channel's class.</summary>
internal sealed record TinyModel
{
    public const int Side = 8;

    /// <summary>Whether the input is [1, H, W, 3].</summary>
    public bool Nhwc { get; init; }

    public ElementType Type { get; init; } = ElementType.Float;

    public ElementType? InputType { get; init; }

    /// <summary>Whether the graph applies softmax itself.</summary>
    public bool Probabilities { get; init; }

    /// <summary>Whether the logits are no numbers.</summary>
    public bool NotANumber { get; init; }

    /// <summary>The declared output: 0 is a free dimension.</summary>
    public int[] Output { get; init; } = [0, 3];

    /// <summary>Another input that the graph wants.</summary>
    public bool SecondInput { get; init; }

    /// <summary>Whether there is a second output, <c>noise</c>, whose scores are the negative ones.</summary>
    public bool SecondOutput { get; init; }

    /// <summary>A manifest's members for such a model.</summary>
    public static JsonObject Manifest(string labels) => new()
    {
        ["labels"] = labels,
        ["input"] = new JsonObject
        {
            ["resize"] = Side,
            ["crop"] = Side,
            ["range"] = 255,
            ["mean"] = new JsonArray(0, 0, 0),
            ["std"] = new JsonArray(1, 1, 1),
        },
    };

    public byte[] ToBytes()
    {
        var graph = new GraphProto { Name = "tiny" };
        graph.Input.Add(Tensor("pixels", InputType ?? Type, Nhwc ? [1, Side, Side, 3] : [1, 3, Side, Side]));
        graph.Output.Add(Tensor("scores", Type, Output));
        string value = "pixels";
        void Node(string type, params AttributeProto[] attributes)
        {
            string result = $"{type}{graph.Node.Count}";
            graph.Node.Add(new NodeProto { OpType = type, Input = { value }, Output = { result }, Attribute = { attributes } });
            value = result;
        }

        Node("Cast", Int("to", (int)ElementType.Float));
        if (Nhwc)
            Node("Transpose", new AttributeProto { Name = "perm", Type = AttributeProto.Types.AttributeType.Ints, Ints = { 0, 3, 1, 2 } });
        Node("GlobalAveragePool");
        if (NotANumber)
        {
            Node("Neg");
            Node("Log");
        }
        if (SecondInput)
        {
            graph.Input.Add(Tensor("scale", ElementType.Float, [1]));
            Node("Mul");
            graph.Node[^1].Input.Add("scale");
        }
        if (Output.Length == 2)
            Node("Flatten", Int("axis", 1));
        if (Probabilities)
            Node("Softmax", Int("axis", 1));
        Node("Cast", Int("to", (int)Type));
        graph.Node[^1].Output[0] = "scores";
        if (SecondOutput)
        {
            graph.Node.Add(new NodeProto { OpType = "Neg", Input = { "scores" }, Output = { "noise" } });
            graph.Output.Insert(0, Tensor("noise", Type, Output));
        }
        return new ModelProto
        {
            IrVersion = 8,
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
        }.ToByteArray();
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
