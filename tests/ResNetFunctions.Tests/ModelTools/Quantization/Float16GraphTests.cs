using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Quantization;
using DataType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

/// <summary>Float16 graphs: their numbers, their ends, and that they run on the processor.</summary>
public sealed class Float16GraphTests
{
    // Half way between two, to the even one; the least that is not 0; the largest.
    [Theory]
    [InlineData(1f, 0x3C00)]
    [InlineData(-1f, 0xBC00)]
    [InlineData(1.00048828125f, 0x3C00)] // 1 + 2^-11
    [InlineData(1.00146484375f, 0x3C02)] // 1 + 3 * 2^-11
    [InlineData(5.9604645e-8f, 0x0001)]
    [InlineData(2.9e-8f, 0x0000)]
    [InlineData(65504f, 0x7BFF)]
    [InlineData(65519f, 0x7BFF)]
    public void Convert_Weight_IsRoundedToTheNearestAndOfTwoToTheEven(float weight, ushort bits)
    {
        ModelProto model = Graph(weight);

        Float16Graph.Convert(model);

        TensorProto constant = model.Graph.Initializer.Single();
        Assert.Equal((int)DataType.Float16, constant.DataType);
        Assert.Equal(bits, BitConverter.ToUInt16(constant.RawData.Span));
    }

    [Theory]
    [InlineData(65520f, "w has the number 65520, and float16 ends at 65504.")]
    [InlineData(-1e9f, "w has the number -1E+09, and float16 ends at 65504.")]
    [InlineData(float.NaN, "w has the number NaN, and float16 ends at 65504.")]
    public void Convert_WeightThatFloat16DoesNotHold_IsRefused(float weight, string says) =>
        Assert.Equal(says, Assert.Throws<InvalidModelException>(() => Float16Graph.Convert(Graph(weight))).Message);

    [Theory]
    [InlineData("Resize", "The graph has a Resize, which is not converted to float16.")]
    [InlineData("QuantizeLinear", "The graph has a QuantizeLinear, which is not converted to float16.")]
    [InlineData("Conv", "The graph is int8, and not float32.", true)]
    public void Convert_GraphThatItCannot_IsRefused(string type, string says, bool isQuantized = false)
    {
        ModelProto model = Graph(1);
        model.Graph.Node.Add(new NodeProto { OpType = type, Input = { "x", "w.read" }, Output = { "z" } });
        if (isQuantized)
            model.Graph.Node.Insert(0, new NodeProto { OpType = "DequantizeLinear", Input = { "w" }, Output = { "w.read" } });

        Assert.Equal(says, Assert.Throws<InvalidModelException>(() => Float16Graph.Convert(model)).Message);
    }

    [Fact]
    public void Convert_OutputThatIsReadInsideToo_IsCastOnce()
    {
        ModelProto model = Graph(2);
        model.Graph.Node.Add(new NodeProto { OpType = "Relu", Input = { "y" }, Output = { "z" } });
        model.Graph.Output.Add(new ValueInfoProto { Name = "z", Type = model.Graph.Output[0].Type.Clone() });

        Float16Graph.Convert(model);

        Assert.Equal([-6f, 8f], Run(model, "y", [-3, 4], [1, 2]));
        Assert.Equal([0f, 8f], Run(model, "z", [-3, 4], [1, 2]));
    }

    // The processor's provider puts casts around what it has no float16 kernel for.
    [Theory]
    [InlineData("resnet18")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("mobilenet_v3_large")]
    [InlineData("efficientnet_b0")]
    [InlineData("squeezenet1_1")]
    public void Convert_Architecture_RunsOnTheCpuAndAnswersAlike(string name)
    {
        ModelProto model = Architecture.Build(name, Architecture.Seeded(name));
        float[] picture = new float[3 * 224 * 224];
        for (int i = 0; i < picture.Length; i++)
            picture[i] = MathF.Sin(i * 0.001f) + (0.5f * MathF.Cos(i * 0.37f));
        float[] expected = Run(model, GraphBuilder.OutputName, picture, [1, 3, 224, 224]);

        Float16Graph.Convert(model);
        float[] actual = Run(model, GraphBuilder.OutputName, picture, [1, 3, 224, 224]);

        float spread = expected.Max() - expected.Min();
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 0.02f * spread));
        int[] five = TopFive(expected);
        Assert.InRange(five.Intersect(TopFive(actual)).Count(), 4, 5); // the fifth and the sixth may be as near as float16's steps
        Assert.Equal("float16", GraphCost.Numbers(model));
    }

    private static int[] TopFive(float[] logits) => [.. logits.Index().OrderByDescending(logit => logit.Item).Take(5).Select(logit => logit.Index)];

    /// <summary>y = x * w.</summary>
    private static ModelProto Graph(float weight) => new()
    {
        IrVersion = 8,
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
        Graph = new GraphProto
        {
            Name = "small",
            Input = { Value("x") },
            Output = { Value("y") },
            Initializer = { Initializer.Of("w", [1], [weight]) },
            Node = { new NodeProto { OpType = "Mul", Input = { "x", "w" }, Output = { "y" } } },
        },
    };

    private static ValueInfoProto Value(string name)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add([new TensorShapeProto.Types.Dimension { DimParam = "N" }, new TensorShapeProto.Types.Dimension { DimParam = "M" }]);
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static float[] Run(ModelProto model, string output, float[] input, long[] shape)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(OnnxFile.ToBytes(model, new Dictionary<string, string>()), options);
        using var run = new RunOptions();
        using var value = OrtValue.CreateTensorValueFromMemory(input, shape);
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, [model.Graph.Input[0].Name], [value], [output]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
