using ResNetFunctions.Imaging.Preprocessing;

namespace ResNetFunctions.ModelTools.Onnx;

internal static class GraphCost
{
    /// <summary>The multiply-adds of convolutions and matrix products; everything else is small.</summary>
    public static long MultiplyAdds(ModelProto model, InputSpec input)
    {
        Dictionary<string, IReadOnlyList<long>> weights =
            model.Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => (IReadOnlyList<long>)tensor.Dims);
        Dictionary<string, (long Height, long Width)> sizes = [];
        foreach (ValueInfoProto value in model.Graph.Input.Where(value => !weights.ContainsKey(value.Name)))
            sizes[value.Name] = (input.Crop, input.Crop);

        long sum = 0;
        foreach (NodeProto node in model.Graph.Node)
        {
            if (node.OpType is "DequantizeLinear" or "Cast" && weights.TryGetValue(node.Input[0], out IReadOnlyList<long>? same))
            {
                weights[node.Output[0]] = same;
                continue;
            }
            (long Height, long Width) size = node.Input
                .Select(name => sizes.GetValueOrDefault(name)).Append((1, 1)).MaxBy(s => s.Item1 * s.Item2);
            size = SizeAfter(node, size, weights);
            sizes[node.Output[0]] = size;
            if (WeightOf(node) is { } weight && weights.TryGetValue(weight, out IReadOnlyList<long>? shape))
                sum += shape.Aggregate(size.Height * size.Width, (product, side) => product * side);
        }
        return sum;
    }

    /// <summary>The type of most convolutions and matrix products: float32, float16 or int8.</summary>
    public static string Numbers(ModelProto model)
    {
        Dictionary<string, TensorProto> weights = model.Graph.Initializer.ToDictionary(tensor => tensor.Name);
        HashSet<string> dequantized = [.. model.Graph.Node.Where(node => node.OpType == "DequantizeLinear").Select(node => node.Output[0])];
        return model.Graph.Node.Where(node => WeightOf(node) is not null || node.OpType is "ConvInteger" or "MatMulInteger")
            .Select(node => node.OpType is not ("Conv" or "Gemm" or "MatMul") || dequantized.Contains(node.Input[1]) ? "int8"
                : weights.TryGetValue(node.Input[1], out TensorProto? weight) && weight.DataType == (int)TensorProto.Types.DataType.Float16 ? "float16"
                : "float32")
            .CountBy(numbers => numbers).OrderByDescending(count => count.Value).Select(count => count.Key).FirstOrDefault("float32");
    }

    private static string? WeightOf(NodeProto node) => node.OpType switch
    {
        "Conv" or "Gemm" or "MatMul" => node.Input[1],
        "QLinearConv" or "QLinearMatMul" or "QGemm" => node.Input[3],
        _ => null,
    };

    private static (long, long) SizeAfter(
        NodeProto node, (long Height, long Width) size, Dictionary<string, IReadOnlyList<long>> weights)
    {
        switch (node.OpType)
        {
            case "Conv" or "QLinearConv" or "MaxPool" or "AveragePool":
                long[] kernel = Ints(node, "kernel_shape")
                    ?? (weights.TryGetValue(WeightOf(node) ?? "", out IReadOnlyList<long>? shape) ? [shape[2], shape[3]] : [1, 1]);
                long[] strides = Ints(node, "strides") ?? [1, 1], pads = Ints(node, "pads") ?? [0, 0, 0, 0];
                bool ceiling = node.Attribute.Any(a => a.Name == "ceil_mode" && a.I == 1);
                return (Steps(size.Height, 0), Steps(size.Width, 1));

                long Steps(long length, int axis) =>
                    ((length + pads[axis] + pads[axis + 2] - kernel[axis] + (ceiling ? strides[axis] - 1 : 0)) / strides[axis]) + 1;
            case "SpaceToDepth":
                long block = Math.Max(1, node.Attribute.FirstOrDefault(static a => a.Name == "blocksize")?.I ?? 1);
                return (size.Height / block, size.Width / block);
            case "GlobalAveragePool" or "QLinearGlobalAveragePool" or "ReduceMean" or "Flatten" or "Reshape" or "Gemm" or "MatMul" or "QGemm":
                return (1, 1);
            default:
                return size;
        }
    }

    private static long[]? Ints(NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(a => a.Name == name) is { } attribute ? [.. attribute.Ints] : null;
}
