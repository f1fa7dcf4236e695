using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using DataType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Turns a float32 graph into one that computes in float16. Its input and output stay float32, with a Cast behind the
/// one and before the other.</summary>
internal static class Float16Graph
{
    private const string Suffix = ".float16";

    // Their numbers are all of one type, which may be float16; what is not of it are shapes and indices.
    private static readonly HashSet<string> Convertible =
    [
        "Add", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "Constant", "Conv", "Div", "Dropout", "Flatten",
        "Gather", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid", "HardSwish", "Identity", "LRN", "LeakyRelu",
        "MatMul", "MaxPool", "Mul", "PRelu", "Pad", "ReduceMean", "Relu", "Reshape", "Shape", "Sigmoid", "Slice", "Softmax",
        "SpaceToDepth", "Squeeze", "Sub", "Tanh", "Transpose", "Unsqueeze",
    ];

    /// <summary>Converts a model in place: its weights are rounded to the nearest float16, of two as near to the even one.</summary>
    /// <exception cref="InvalidModelException">It is no float32 graph, has an operator that this can't convert, or a weight that is
    /// too large for float16.</exception>
    public static void Convert(ModelProto model)
    {
        GraphProto graph = model.Graph;
        Check(graph);
        graph.ValueInfo.Clear(); // What it says of types is no longer so, and nothing needs it.

        // Up to IR version 3, constants were listed among the inputs.
        HashSet<string> constants = [.. graph.Initializer.Select(static tensor => tensor.Name)];
        foreach (ValueInfoProto constant in graph.Input.Where(input => constants.Contains(input.Name)).ToArray())
            graph.Input.Remove(constant);

        foreach (TensorProto tensor in graph.Initializer)
            ToFloat16(tensor, tensor.Name);
        foreach (NodeProto node in graph.Node)
        {
            foreach (AttributeProto attribute in node.Attribute.Where(static attribute => attribute.T is not null))
                ToFloat16(attribute.T, node.Output[0]);
            if (node.OpType == "Cast" && node.Find("to") is { I: (long)DataType.Float } type)
                type.I = (long)DataType.Float16;
        }
        CastEnds(graph);
    }

    private static void Check(GraphProto graph)
    {
        if (GraphCost.Numbers(new ModelProto { Graph = graph }) is not "float32" and var numbers)
            throw new InvalidModelException($"The graph is {numbers}, and not float32.");
        NodeProto? other = graph.Node.FirstOrDefault(static node => !Convertible.Contains(node.OpType)
            || (node.Domain is not ("" or "ai.onnx")) || node.Find("value_float") is not null || node.Find("value_floats") is not null);
        if (other is not null)
            throw new InvalidModelException($"The graph has a {NameInFile.Shown(other.OpType)}, which is not converted to float16.");
        if (!graph.Input.Concat(graph.Output).Any(IsFloat))
            throw new InvalidModelException("The graph's input and output are not float32.");
    }

    private static void ToFloat16(TensorProto tensor, string name)
    {
        if (tensor.DataType != (int)DataType.Float)
            return;
        float[] singles = tensor.Floats();
        Half[] halves = new Half[singles.Length];
        TensorPrimitives.ConvertToHalf(singles, halves);
        int lost = Array.FindIndex(halves, static half => !Half.IsFinite(half));
        if (lost >= 0)
        {
            throw new InvalidModelException(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{NameInFile.Shown(name)} has the number {singles[lost]}, and float16 ends at {(float)Half.MaxValue}."));
        }
        tensor.FloatData.Clear();
        tensor.DataType = (int)DataType.Float16;
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<Half>(halves));
    }

    /// <summary>The graph's own names stay those of the float32 tensors; what is between has others.</summary>
    private static void CastEnds(GraphProto graph)
    {
        HashSet<string> ends = [.. graph.Input.Concat(graph.Output).Where(IsFloat).Select(static end => end.Name)];
        foreach (NodeProto node in graph.Node)
        {
            Rename(node.Input);
            Rename(node.Output);
        }
        foreach ((int index, ValueInfoProto input) in graph.Input.Where(IsFloat).Index().ToArray())
            graph.Node.Insert(index, Cast(input.Name, input.Name + Suffix, DataType.Float16));
        foreach (ValueInfoProto output in graph.Output.Where(IsFloat))
            graph.Node.Add(Cast(output.Name + Suffix, output.Name, DataType.Float));

        void Rename(Google.Protobuf.Collections.RepeatedField<string> names)
        {
            for (int i = 0; i < names.Count; i++)
            {
                if (ends.Contains(names[i]))
                    names[i] += Suffix;
            }
        }
    }

    private static bool IsFloat(ValueInfoProto value) => value.Type?.TensorType?.ElemType == (int)DataType.Float;

    private static NodeProto Cast(string from, string to, DataType type) => new()
    {
        OpType = "Cast",
        Name = to + ".cast",
        Input = { from },
        Output = { to },
        Attribute = { new AttributeProto { Name = "to", Type = AttributeProto.Types.AttributeType.Int, I = (long)type } },
    };
}
