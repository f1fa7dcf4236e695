using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

/// <summary>This processor's integer kernels with the largest possible equal weights, against plain integer sums. Without
/// VNNI, full-range int8 weights would saturate here.</summary>
public class IntegerKernelTests
{
    private const int Side = 12;

    [Theory]
    [InlineData(16, 32, 3, 1)]
    [InlineData(3, 32, 7, 1)]
    [InlineData(3, 16, 3, 1)]
    [InlineData(6, 8, 3, 1)]
    [InlineData(32, 16, 1, 1)]
    [InlineData(16, 16, 3, 4)]
    [InlineData(16, 16, 3, 16)]
    [InlineData(5, 7, 5, 1)]
    public void Conv_LargestWeightsAndActivations_AddUpExactly(int inputs, int outputs, int kernel, int groups)
    {
        var shape = new LayerShape(outputs, inputs / groups, kernel * kernel, groups);
        float[] weights = [.. Enumerable.Range(0, outputs * shape.PerOutput)
            .Select(i => (i / shape.PerOutput % 2 == 0 ? 1 : -1) * (1 - (0.1f * (i % 7))))];
        QuantizedWeights quantized = QuantizedWeights.Of(
            weights, shape, [.. Enumerable.Repeat(1.0, inputs)], new double[outputs]);

        float[] image = [.. Enumerable.Repeat(1f, inputs * Side * Side)];
        float[] actual = Run(quantized, image, inputs, kernel, shape, out float outputScale);

        int middle = (Side / 2 * Side) + (Side / 2);
        for (int channel = 0; channel < outputs; channel++)
        {
            int sum = quantized.Values.AsSpan(channel * shape.PerOutput, shape.PerOutput).ToArray().Sum(static w => w * 255);
            double expected = sum * (double)quantized.Scales[channel] / 255;
            Assert.InRange(actual[(channel * Side * Side) + middle] - expected, -0.51 * outputScale, 0.51 * outputScale);
        }
    }

    private static float[] Run(
        QuantizedWeights weights, float[] image, int inputs, int kernel, LayerShape shape, out float outputScale)
    {
        outputScale = 2f * shape.PerOutput / 255;
        var graph = new GraphProto { Name = "conv" };
        graph.Input.Add(Tensor("x", inputs));
        graph.Output.Add(Tensor("y", shape.Outputs));
        Add("x_scale", TensorProto.Types.DataType.Float, [], BitConverter.GetBytes(1f / 255));
        Add("x_zero", TensorProto.Types.DataType.Uint8, [], [0]);
        Add("y_scale", TensorProto.Types.DataType.Float, [], BitConverter.GetBytes(outputScale));
        Add("y_zero", TensorProto.Types.DataType.Uint8, [], [128]);
        Add("w", TensorProto.Types.DataType.Int8, [shape.Outputs, shape.Inputs, kernel, kernel], MemoryMarshal.AsBytes<sbyte>(weights.Values).ToArray());
        Add("w_scale", TensorProto.Types.DataType.Float, [shape.Outputs], MemoryMarshal.AsBytes<float>(weights.Scales).ToArray());
        Add("w_zero", TensorProto.Types.DataType.Int8, [shape.Outputs], new byte[shape.Outputs]);
        Node("QuantizeLinear", "x_q", "x", "x_scale", "x_zero");
        Node("QLinearConv", "y_q", "x_q", "x_scale", "x_zero", "w", "w_scale", "w_zero", "y_scale", "y_zero");
        int pad = kernel / 2;
        graph.Node[^1].Attribute.Add(Ints("pads", pad, pad, pad, pad));
        graph.Node[^1].Attribute.Add(new AttributeProto { Name = "group", Type = AttributeProto.Types.AttributeType.Int, I = shape.Groups });
        Node("DequantizeLinear", "y", "y_q", "y_scale", "y_zero");

        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } } };
        using var session = new InferenceSession(model.ToByteArray());
        using var x = OrtValue.CreateTensorValueFromMemory(image, [1, inputs, Side, Side]);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> y = session.Run(run, ["x"], [x], ["y"]);
        return y[0].GetTensorDataAsSpan<float>().ToArray();

        void Node(string type, string output, params string[] inputs) =>
            graph.Node.Add(new NodeProto { OpType = type, Input = { inputs }, Output = { output } });

        void Add(string name, TensorProto.Types.DataType type, long[] dims, byte[] bytes) =>
            graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { dims }, RawData = ByteString.CopyFrom(bytes) });
    }

    private static AttributeProto Ints(string name, params long[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    private static ValueInfoProto Tensor(string name, int channels)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new[] { 1, channels, Side, Side }.Select(static d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
