using Google.Protobuf;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Quantization;
using ResNetFunctions.ModelTools.Weights;
using ResNetFunctions.Tests.ModelTools.Onnx;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

public class StemBlocksTests
{
    [Theory]
    [InlineData(7, 3)] // ResNet
    [InlineData(3, 1)] // MobileNet
    [InlineData(3, 0)] // SqueezeNet
    [InlineData(6, 2)]
    [InlineData(5, 4)]
    [InlineData(2, 0)]
    [InlineData(1, 0)]
    public void Apply_Stride2OverThreeChannels_GivesTheSameSums(int kernel, int padding)
    {
        GraphProto graph = Stem(kernel, stride: 2, padding), blocks = graph.Clone();
        StemBlocks.Apply(blocks);

        Assert.Equal(["SpaceToDepth", "Conv"], blocks.Node.Select(static node => node.OpType));
        float[] expected = Run(graph), actual = Run(blocks);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void Apply_TwoThatReadTheImage_ShareItsBlocks()
    {
        GraphProto graph = Stem(kernel: 3, stride: 2, padding: 1);
        NodeProto second = graph.Node[0].Clone();
        second.Name = second.Output[0] = "second";
        graph.Node.Add(second);
        GraphProto blocks = graph.Clone();

        StemBlocks.Apply(blocks);

        Assert.Equal(["SpaceToDepth", "Conv", "Conv"], blocks.Node.Select(static node => node.OpType));
        Assert.All(Run(graph).Zip(Run(blocks)), static pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    // As ONNX Runtime writes a convolution that it has rewritten.
    [Theory]
    [InlineData("NOTSET", true)]
    [InlineData("SAME_UPPER", false)]
    public void Apply_AutoPad_OnlyWhereItIsNotSet(string padding, bool isApplied)
    {
        GraphProto graph = Stem(kernel: 3, stride: 2, padding: 1);
        graph.Node[0].Attribute.Add(new AttributeProto
        {
            Name = "auto_pad",
            Type = AttributeProto.Types.AttributeType.String,
            S = ByteString.CopyFromUtf8(padding),
        });

        StemBlocks.Apply(graph);

        Assert.Equal(isApplied, graph.Node[0].OpType == "SpaceToDepth");
    }

    [Theory]
    [InlineData(7, 4, 3)]
    [InlineData(3, 1, 1)]
    public void Apply_Others_StayAsTheyAre(int kernel, int stride, int padding)
    {
        GraphProto graph = Stem(kernel, stride, padding), blocks = graph.Clone();
        StemBlocks.Apply(blocks);
        Assert.Equal(graph, blocks);
    }

    private static GraphProto Stem(int kernel, int stride, int padding)
    {
        var g = new GraphBuilder("stem");
        Value x = g.Conv(g.Input(), "conv", 16, kernel, stride, padding: padding);
        g.Output(g.Flatten(x));
        g.Graph.Node.RemoveAt(1);
        g.Graph.Node[0].Output[0] = GraphBuilder.OutputName;
        g.Graph.Output[0].Type.TensorType.Shape = null;
        var weights = new StateDict(g.Layers.SelectMany(static layer => layer.Tensors())
            .Select(static tensor => SeededTensor.Make(tensor.Name, tensor.Shape, gain: 1, seed: 0)));
        foreach (Layer layer in g.Layers)
            g.Graph.Initializer.Add(layer.Fill(weights));
        return g.Graph;
    }

    private static float[] Run(GraphProto graph)
    {
        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } } };
        using var network = new Network(model);
        return network.Run(Formula.Image(0));
    }
}
