using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Quantization;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Infra;
using ResNetFunctions.Tests.ModelTools.Onnx;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

public class QdqGraphTests
{
    private const int Calibrating = 8, Judging = 4;

    public static TheoryData<string> Networks => [.. SmallNetworks.Names];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Build_EachKindOfBlock_AnswersAsTheFloatNetwork(string block)
    {
        ModelProto model = SmallNetworks.Build(block);
        using var original = new Network(model);
        using var int8 = new Network(Quantize(model));

        double error = 0, energy = 0;
        for (int i = Calibrating; i < Calibrating + Judging; i++)
        {
            float[] expected = original.Run(Formula.Image(i)), actual = int8.Run(Formula.Image(i));
            error += expected.Zip(actual).Sum(static pair => Math.Pow(pair.First - pair.Second, 2));
            energy += expected.Sum(static logit => logit * logit);
        }
        TestContext.Current.SendDiagnosticMessage($"{block}: {10 * Math.Log10(energy / error):F1} dB");
        Assert.InRange(10 * Math.Log10(energy / error), 25, 100);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Build_EachKindOfBlock_RunsInIntegersAlone(string block)
    {
        using var optimised = new TemporaryFile([], "optimised.onnx");
        using (var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            OptimizedModelFilePath = optimised.Path,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        })
        {
            new InferenceSession(Quantize(SmallNetworks.Build(block)).ToByteArray(), options).Dispose();
        }

        GraphProto graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(optimised.Path)).Graph;
        string[] integers = ["QLinear", "QGemm", "QuantizeLinear", "DequantizeLinear", "MaxPool", "Flatten", "Reshape", "SpaceToDepth"];
        Assert.All(graph.Node, node => Assert.Contains(integers, type => node.OpType.StartsWith(type, StringComparison.Ordinal)));
        Assert.Single(graph.Node, static node => node.OpType == "QuantizeLinear");
    }

    [Fact]
    public void Build_Residual_AbsorbsReluInTheRoundingAndLeavesLogitsFloat()
    {
        GraphProto graph = Quantize(SmallNetworks.Build("residual")).Graph;
        Assert.DoesNotContain(graph.Node, static node => node.OpType == "Relu");
        Assert.Equal(("Gemm", "logits"), (graph.Node[^1].OpType, graph.Node[^1].Output[0]));
        TensorProto Constant(string name) => graph.Initializer.Single(tensor => tensor.Name == name);
        Assert.Equal(0, Constant("conv1.relu_zero_point").RawData[0]);
        Assert.Equal([16, 16, 3, 3], Constant("conv1.weight_quantized").Dims);
        Assert.Equal([16], Constant("conv1.weight_scale").Dims);
        Assert.Equal(
            Constant("conv1.weight_scale").Floats()[0] * Constant("pool_scale").Floats()[0],
            Constant("conv1.bias_scale").Floats()[0]);
    }

    [Fact]
    public void Build_PoolsAndConcatenations_KeepTheirInputsScale()
    {
        GraphProto graph = Quantize(SmallNetworks.Build("fire")).Graph;
        float Scale(string name) => graph.Initializer.Single(tensor => tensor.Name == name + "_scale").Floats()[0];
        Assert.Equal(Scale("stem.relu"), Scale("pool"));
        Assert.Equal(Scale("fire.expand1x1.relu"), Scale("fire.concat"));
        Assert.Equal(Scale("fire.expand3x3.relu"), Scale("fire.concat"));
    }

    [Fact]
    public void Build_Twice_IsTheSameInEveryByte()
    {
        ModelProto model = SmallNetworks.Build("silu");
        Assert.Equal(Quantize(model).ToByteArray(), Quantize(model).ToByteArray());
    }

    [Fact]
    public void Of_WithoutLayers_Throws() => Assert.Throws<InvalidModelException>(() => QuantizationPlan.Of(
        new GraphProto { Node = { new NodeProto { OpType = "Relu", Input = { "x" }, Output = { "y" } } } }));

    [Fact]
    public void Read_AQuantizedGraph_IsRefused() => Assert.Throws<InvalidModelException>(() =>
        FloatGraph.Read(new ModelFile(null, Quantize(SmallNetworks.Build("fire")).ToByteArray())));

    [Fact]
    public async Task Build_EachKindOfBlock_PassesOnnxsChecker()
    {
        using var folder = new TemporaryFile([], "x");
        string path = Path.GetDirectoryName(folder.Path)!;
        foreach (string block in SmallNetworks.Names)
        {
            await File.WriteAllBytesAsync(
                Path.Combine(path, block + ".onnx"), Quantize(SmallNetworks.Build(block)).ToByteArray(), TestContext.Current.CancellationToken);
        }
        const string Check = """
            import pathlib, sys
            try:
                import onnx
            except ImportError:
                sys.exit(77)
            for file in pathlib.Path(sys.argv[1]).glob("*.onnx"):
                onnx.checker.check_model(str(file), full_check=True)
            """;
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "Skipped: there is no Python with onnx.");
        var (exitCode, _, error) = await Command.RunAsync(new("/usr/bin/python3", ["-c", Check, path]));
        Assert.SkipWhen(exitCode == 77, "Skipped: there is no Python with onnx.");
        Assert.True(exitCode == 0, error);
    }

    internal static ModelProto Quantize(ModelProto model)
    {
        model = FloatGraph.Read(new ModelFile(null, model.ToByteArray()));
        QuantizationPlan plan = QuantizationPlan.Of(model.Graph);
        Dictionary<string, TensorStatistics> statistics = [];
        using (var calibration = new Calibration(model, plan, [1, 3, 224, 224]))
        {
            for (int i = 0; i < Calibrating; i++)
                calibration.Run(Formula.Image(i), statistics);
        }
        return new ModelProto
        {
            IrVersion = model.IrVersion,
            OpsetImport = { model.OpsetImport },
            Graph = QdqGraph.Build(plan, statistics),
        };
    }
}
