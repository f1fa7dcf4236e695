using System.Runtime.InteropServices;
using Google.Protobuf;
using ResNetFunctions.ModelTools.Onnx;
using DataType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Writes a planned graph in ONNX's QDQ form: each int8 tensor goes through QuantizeLinear and DequantizeLinear.
/// ONNX Runtime fuses an operator with those around it into an integer kernel; other runtimes compute the same numbers from
/// the operators.</summary>
internal sealed class QdqGraph
{
    // A bias is an int32 in steps of input scale times weight scale.
    private const double LargestBias = 1 << 30;

    private readonly QuantizationPlan _plan;
    private readonly IReadOnlyDictionary<string, TensorStatistics> _statistics;
    private readonly Dictionary<string, UInt8Scale> _scales = [];
    private readonly HashSet<string> _written = [];
    private readonly HashSet<string> _outputs;
    private readonly GraphProto _graph = new();

    private QdqGraph(QuantizationPlan plan, IReadOnlyDictionary<string, TensorStatistics> statistics)
    {
        _plan = plan;
        _statistics = statistics;
        _outputs = [.. plan.Graph.Output.Select(static output => output.Name)];
    }

    /// <param name="plan">What becomes int8.</param>
    /// <param name="statistics">Of each tensor of the plan.</param>
    public static GraphProto Build(QuantizationPlan plan, IReadOnlyDictionary<string, TensorStatistics> statistics) =>
        new QdqGraph(plan, statistics).Build();

    private GraphProto Build()
    {
        GraphProto source = _plan.Graph;
        FindScales();
        _graph.Name = source.Name;
        _graph.Input.Add(source.Input);
        _graph.Output.Add(source.Output);
        foreach (ValueInfoProto input in source.Input.Where(input => _plan.IsQuantized(input.Name)))
            Quantize(input.Name, input.Name);
        foreach (NodeProto node in source.Node)
            Write(node);
        return _graph;
    }

    private void FindScales()
    {
        foreach (IGrouping<string, string> group in _plan.Tensors.GroupBy(_plan.GroupOf))
        {
            var histogram = new Histogram();
            Bounds bounds = _plan.BoundsOf(group.First());
            foreach (string tensor in group)
            {
                histogram.Add(_statistics[tensor].Histogram);
                Bounds own = _plan.BoundsOf(tensor);
                bounds = new Bounds(Math.Min(bounds.Low, own.Low), Math.Max(bounds.High, own.High));
            }
            UInt8Scale scale = RangeSearch.Find(histogram, bounds);
            foreach (string tensor in group)
                _scales[tensor] = scale;
        }
    }

    private void Write(NodeProto node)
    {
        if (_plan.IsLayer(node))
            WriteLayer(node);
        else if (node.OpType is "HardSwish" or "HardSigmoid" && _plan.IsQuantized(node.Output[0]))
            WriteHardSwish(node);
        else
            WriteOther(node);
    }

    private void WriteOther(NodeProto node)
    {
        NodeProto written = Rewired(node);
        bool int8 = _plan.IsQuantized(node.Output[0]) && node.OpType is "Add" or "Mul";
        for (int i = 0; i < node.Input.Count; i++)
        {
            if (_plan.Constant(node.Input[i]) is not { } constant)
                continue;
            if (int8 && constant.DataType == (int)DataType.Float)
                written.Input[i] = QuantizedConstant(constant);
            else
                Add(constant);
        }
        Emit(written, node.Output[0]);
    }

    /// <summary>hardswish(x) = x * relu6(x + 3) / 6: an addition that saturates at 0 and 6, read in steps a sixth as large,
    /// and a product. A hard sigmoid is the same without the product.</summary>
    private void WriteHardSwish(NodeProto node)
    {
        bool swish = node.OpType == "HardSwish";
        float slope = swish ? 1f / 6 : node.Float("alpha", 0.2f), middle = swish ? 0.5f : node.Float("beta", 0.5f);
        string output = node.Output[0], sum = output + "_shifted";
        string offset = QuantizedConstant(Initializer.Of(output + "_offset", [], [middle / slope]));
        Emit(Node("Add", sum, Read(node.Input[0]), offset));

        string steps = Scale(sum, UInt8Scale.Over(0, 1 / slope));
        Emit(Node("QuantizeLinear", sum + "_quantized", sum, steps + "_scale", steps + "_zero_point"));
        string gate = output + "_gate";
        Scale(gate, UInt8Scale.Over(0, 1));
        Emit(Node("DequantizeLinear", swish ? gate : Dequantized(output), sum + "_quantized", gate + "_scale", gate + "_zero_point"));
        if (swish)
            Emit(Node("Mul", Raw(output), Read(node.Input[0]), gate), output);
    }

    private void WriteLayer(NodeProto node)
    {
        string input = node.Input[0];
        (float[] weights, LayerShape shape, long[] dims) = WeightsOf(node);
        float[] bias = node.Input.Count > 2 && node.Input[2].Length > 0 ? _plan.Constant(node.Input[2])!.Floats() : new float[shape.Outputs];
        double inputScale = _scales[input].Scale;
        QuantizedWeights quantized = QuantizedWeights.Of(
            weights, shape, Energies(input), Array.ConvertAll(bias, b => Math.Abs(b) / inputScale / LargestBias));
        CorrectBias(bias, weights, quantized, shape, _statistics[input].Means());

        string layer = node.Name.Length > 0 ? node.Name : node.Output[0];
        NodeProto written = Rewired(node);
        written.Input.Clear();
        written.Input.Add([Read(input), Weights(layer, dims, quantized), Bias(layer, bias, quantized.Scales, inputScale)]);
        if (node.OpType == "Gemm" && written.Attribute.All(static attribute => attribute.Name != "transB"))
            written.Attribute.Add(new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
        else if (node.OpType == "Gemm")
            written.Attribute.First(static attribute => attribute.Name == "transB").I = 1;
        Emit(written, node.Output[0]);
    }

    private (float[] Weights, LayerShape Shape, long[] Dims) WeightsOf(NodeProto node)
    {
        TensorProto tensor = _plan.Constant(node.Input[1])!;
        float[] weights = tensor.Floats();
        int[] dims = [.. tensor.Dims.Select(static d => (int)d)];
        if (node.OpType == "Conv")
            return (weights, new LayerShape(dims[0], dims[1], dims[2] * dims[3], (int)node.Int("group", 1)), [.. tensor.Dims]);
        if (node.Int("transB", 0) == 0)
        {
            weights = Transposed(weights, dims[0], dims[1]);
            Array.Reverse(dims);
        }
        return (weights, new LayerShape(dims[0], dims[1], 1, 1), [dims[0], dims[1]]);
    }

    // A channel without signal in the calibration photos may have one in others.
    private double[] Energies(string tensor)
    {
        double[] energies = _statistics[tensor].MeanSquares();
        double least = Math.Max(energies.Average() / 100, double.Epsilon);
        return Array.ConvertAll(energies, energy => Math.Max(energy, least));
    }

    /// <summary>Subtracts the mean effect of the weights' rounding from the bias (Nagel et al., 2019).</summary>
    private static void CorrectBias(float[] bias, float[] weights, QuantizedWeights quantized, LayerShape shape, double[] means)
    {
        for (int channel = 0; channel < bias.Length; channel++)
        {
            double shift = 0;
            for (int k = 0; k < shape.PerOutput; k++)
            {
                int index = (channel * shape.PerOutput) + k;
                double off = (quantized.Values[index] * (double)quantized.Scales[channel]) - weights[index];
                shift += off * means[shape.InputOf(channel, k)];
            }
            bias[channel] -= (float)shift;
        }
    }

    private string Weights(string layer, long[] dims, QuantizedWeights weights)
    {
        string name = layer + ".weight";
        Add(name + "_quantized", DataType.Int8, dims, MemoryMarshal.AsBytes<sbyte>(weights.Values));
        Add(Initializer.Of(name + "_scale", [weights.Scales.Length], weights.Scales));
        Add(name + "_zero_point", DataType.Int8, [weights.Scales.Length], new byte[weights.Scales.Length]);
        return DequantizedConstant(name);
    }

    private string Bias(string layer, float[] bias, float[] weightScales, double inputScale)
    {
        string name = layer + ".bias";
        float[] scales = Array.ConvertAll(weightScales, scale => (float)(scale * inputScale));
        int[] values = [.. bias.Zip(scales, static (b, scale) => (int)Math.Clamp(Math.Round(b / (double)scale), -2 * LargestBias, (2 * LargestBias) - 1))];
        Add(name + "_quantized", DataType.Int32, [bias.Length], MemoryMarshal.AsBytes<int>(values));
        Add(Initializer.Of(name + "_scale", [scales.Length], scales));
        Add(name + "_zero_point", DataType.Int32, [bias.Length], new byte[sizeof(int) * bias.Length]);
        return DequantizedConstant(name);
    }

    // Channels are the first axis of weights and the only one of a bias.
    private string DequantizedConstant(string name)
    {
        NodeProto node = Node("DequantizeLinear", name + "_dequantized", name + "_quantized", name + "_scale", name + "_zero_point");
        node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 0 });
        Emit(node);
        return name + "_dequantized";
    }

    private string QuantizedConstant(TensorProto constant)
    {
        string name = constant.Name, dequantized = name + "_dequantized";
        if (!_written.Add(dequantized))
            return dequantized;
        float[] values = constant.Floats();
        UInt8Scale scale = UInt8Scale.Over(values.Min(), values.Max());
        Add(name + "_quantized", DataType.Uint8, [.. constant.Dims], Array.ConvertAll(values, scale.Quantize));
        Scale(name, scale);
        Emit(Node("DequantizeLinear", dequantized, name + "_quantized", name + "_scale", name + "_zero_point"));
        return dequantized;
    }

    private NodeProto Rewired(NodeProto node)
    {
        NodeProto written = node.Clone();
        for (int i = 0; i < written.Input.Count; i++)
            written.Input[i] = Read(node.Input[i]);
        written.Output[0] = Raw(node.Output[0]);
        return written;
    }

    private void Emit(NodeProto node, string? output = null)
    {
        _graph.Node.Add(node);
        if (output is not null && _plan.IsQuantized(output))
            Quantize(Raw(output), output);
    }

    private void Quantize(string raw, string tensor)
    {
        Scale(tensor, _scales[tensor]);
        Emit(Node("QuantizeLinear", tensor + "_quantized", raw, tensor + "_scale", tensor + "_zero_point"));
        Emit(Node("DequantizeLinear", Dequantized(tensor), tensor + "_quantized", tensor + "_scale", tensor + "_zero_point"));
    }

    private string Read(string tensor) => _plan.IsQuantized(tensor) ? Dequantized(tensor) : tensor;

    // The graph's output keeps its name.
    private string Dequantized(string tensor) => _outputs.Contains(tensor) ? tensor : tensor + "_dequantized";

    private string Raw(string tensor) => _outputs.Contains(tensor) && _plan.IsQuantized(tensor) ? tensor + "_raw" : tensor;

    private string Scale(string name, UInt8Scale scale)
    {
        Add(Initializer.Of(name + "_scale", [], [scale.Scale]));
        Add(name + "_zero_point", DataType.Uint8, [], [scale.ZeroPoint]);
        return name;
    }

    private void Add(string name, DataType type, long[] dims, ReadOnlySpan<byte> bytes) =>
        Add(new TensorProto { Name = name, DataType = (int)type, Dims = { dims }, RawData = ByteString.CopyFrom(bytes) });

    private void Add(TensorProto tensor)
    {
        if (_written.Add(tensor.Name))
            _graph.Initializer.Add(tensor);
    }

    private static NodeProto Node(string type, string output, params string[] inputs) =>
        new() { OpType = type, Name = output, Input = { inputs }, Output = { output } };

    private static float[] Transposed(float[] matrix, int rows, int columns)
    {
        float[] transposed = new float[matrix.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
                transposed[(c * rows) + r] = matrix[(r * columns) + c];
        }
        return transposed;
    }
}
