using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Tests.ModelTools.Onnx;

public sealed class GraphCostTests
{
    // Billions, as torchvision states them with its weights.
    [Theory]
    [InlineData("resnet18", 1.814)]
    [InlineData("mobilenet_v2", 0.301)]
    [InlineData("squeezenet1_1", 0.349)]
    [InlineData("efficientnet_b0", 0.386)]
    public void MultiplyAdds_TorchvisionsNetwork_AreThoseThatItStates(string name, double billions)
    {
        ModelProto model = Architecture.Build(name, Architecture.Seeded(name));

        Assert.Equal(billions, GraphCost.MultiplyAdds(model, new InputSpec()) / 1e9, 3);
    }

    [Theory]
    [InlineData("mobilenetv2-12-qdq.onnx", "int8")]
    [InlineData("SqueezeNet_fp16.onnx", "float16")]
    public void Numbers_OfAGraph_AreThoseOfItsProducts(string file, string numbers) =>
        Assert.Equal(numbers, GraphCost.Numbers(OnnxFile.Parse(File.ReadAllBytes(SharedFolder.PathOf("models", file)))));

    [Fact]
    public void Numbers_OfTorchvisionsNetwork_AreFloat32() =>
        Assert.Equal("float32", GraphCost.Numbers(Architecture.Build("resnet18", Architecture.Seeded("resnet18"))));

    [Fact]
    public void MultiplyAdds_QuantizedGraph_AreCountedToo()
    {
        ModelProto model = OnnxFile.Parse(File.ReadAllBytes(SharedFolder.PathOf("models", "mobilenetv2-12-qdq.onnx")));

        Assert.Equal(0.301, GraphCost.MultiplyAdds(model, new InputSpec()) / 1e9, 3);
    }

    // 64 x 112 x 112 sums of 4 x 4 x 12 products, instead of 7 x 7 x 3.
    [Fact]
    public void MultiplyAdds_FirstConvolutionOverBlocks_AreAThirdMoreThere()
    {
        ModelProto model = Architecture.Build("resnet18", Architecture.Seeded("resnet18"));
        long before = GraphCost.MultiplyAdds(model, new InputSpec());

        StemBlocks.Apply(model.Graph);

        Assert.Equal(64L * 112 * 112 * ((4 * 4 * 12) - (7 * 7 * 3)), GraphCost.MultiplyAdds(model, new InputSpec()) - before);
    }
}
