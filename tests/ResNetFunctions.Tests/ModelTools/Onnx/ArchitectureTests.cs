using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.Tests.ModelTools.Onnx;

public class ArchitectureTests
{
    public static TheoryData<string> Architectures => [.. Architecture.Names.Where(static name => name != "resnet")];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Of_SeededWeights_IsTheArchitecture(string architecture) =>
        Assert.Equal(architecture, Architecture.Of(Architecture.Seeded(architecture)));

    [Fact]
    public void Of_OtherWeights_IsNone() =>
        Assert.Null(Architecture.Of(new StateDict([Tensor("encoder.weight", 4, 4)])));

    [Fact]
    public void Build_MissingTensor_IsNamed()
    {
        var weights = new StateDict(Resnet18().Where(static t => t.Name != "layer3.1.bn2.running_mean"));
        AssertFault("layer3.1.bn2.running_mean is missing.", weights);
    }

    [Fact]
    public void Build_TensorOfAnotherShape_IsNamedWithBoth()
    {
        var weights = new StateDict([.. Resnet18(), Tensor("layer2.0.conv1.weight", 128, 64, 5, 5)]);
        AssertFault("layer2.0.conv1.weight is [128, 64, 5, 5], not [128, 64, 3, 3].", weights);
    }

    [Fact]
    public void Build_TensorTooMany_IsNamed()
    {
        var weights = new StateDict([.. Resnet18(), Tensor("layer5.0.conv1.weight", 1)]);
        AssertFault("layer5.0.conv1.weight is one tensor too many.", weights);
    }

    [Fact]
    public void Build_WeightsOfAnotherArchitecture_SaysWhose()
    {
        var error = Assert.Throws<InvalidModelException>(
            () => Architecture.Build("resnet18", Architecture.Seeded("resnet50")));
        Assert.StartsWith("The weights are not resnet18's: layer1.0.conv1.weight is [64, 64, 1, 1]", error.Message);
        Assert.EndsWith(" They are resnet50's.", error.Message);
    }

    [Fact]
    public void Build_UnknownArchitecture_NamesTheKnown()
    {
        var error = Assert.Throws<InvalidModelException>(() => Architecture.Build("vgg16", new StateDict(Resnet18())));
        Assert.Contains("resnet18, resnet34", error.Message);
    }

    [Fact]
    public void Build_CountersOfTraining_AreNotNeeded()
    {
        var weights = new StateDict([.. Resnet18(), Tensor("bn1.num_batches_tracked")]);
        Assert.NotNull(Architecture.Build("resnet18", weights));
    }

    [Fact]
    public void Build_TenClasses_HasTenLogits()
    {
        var weights = new StateDict([.. Resnet18(), Tensor("fc.weight", 10, 512), Tensor("fc.bias", 10)]);
        using var network = new Network(Architecture.Build("resnet18", weights));
        Assert.Equal(10, network.Run(Formula.Image(0)).Length);
    }

    [Fact]
    public void Build_NegativeVariance_NamesTheTensor()
    {
        var weights = new StateDict([.. Resnet18(), Filled("bn1.running_var", -1)]);
        var error = Assert.Throws<InvalidModelException>(() => Architecture.Build("resnet18", weights));
        Assert.Contains("bn1.running_var", error.Message);
    }

    [Fact]
    public void Build_ScaleThatOverflows_NamesTheLayer()
    {
        var weights = new StateDict([.. Resnet18(), Filled("bn1.weight", float.MaxValue), Filled("bn1.running_var", 0)]);
        var error = Assert.Throws<InvalidModelException>(() => Architecture.Build("resnet18", weights));
        Assert.Contains("conv1", error.Message);
    }

    [Theory]
    [InlineData(true, 32, 4)]
    [InlineData(true, 1, 64)]
    [InlineData(false, 1, 64)]
    public void Build_AnyResNet_IsReadOffItsShapes(bool bottleneck, int groups, int baseWidth)
    {
        var described = new ResNet(bottleneck, [1, 2, 1, 1], baseWidth, groups);
        var g = new GraphBuilder("described");
        described.Build(g, 7);
        var weights = new StateDict(g.Layers.SelectMany(static layer => layer.Tensors())
            .Select(static tensor => SeededTensor.Make(tensor.Name, tensor.Shape, gain: 1, seed: 0)));

        ResNet read = ResNet.Of(weights)!;
        Assert.Equal((bottleneck, baseWidth, groups), (read.Bottleneck, read.BaseWidth, read.Groups));
        Assert.Equal(described.Depths, read.Depths);
        Assert.Equal("resnet", Architecture.Of(weights));
        using var network = new Network(Architecture.Build("resnet", weights));
        Assert.Equal(7, network.Run(Formula.Image(0)).Length);
    }

    [Fact]
    public void Build_Resnet18_NamesNodesAsTorchvisionNamesModules()
    {
        GraphProto graph = Architecture.Build("resnet18", new StateDict(Resnet18())).Graph;
        Assert.Equal(
            ["conv1", "conv1.relu", "maxpool", "layer1.0.conv1", "layer1.0.conv1.relu", "layer1.0.conv2", "layer1.0.add"],
            graph.Node.Take(7).Select(static node => node.Name));
        Assert.Equal("logits", graph.Output[0].Name);
        Assert.Equal("N", graph.Input[0].Type.TensorType.Shape.Dim[0].DimParam);
    }

    private static void AssertFault(string fault, StateDict weights)
    {
        var error = Assert.Throws<InvalidModelException>(() => Architecture.Build("resnet18", weights));
        Assert.Equal("The weights are not resnet18's: " + fault, error.Message);
    }

    private static WeightTensor Filled(string name, float value) =>
        new(name, [64], () => [.. Enumerable.Repeat(value, 64)]);

    private static IEnumerable<WeightTensor> Resnet18() => Architecture.Seeded("resnet18").Values;

    private static WeightTensor Tensor(string name, params int[] shape) =>
        new(name, shape, () => new float[shape.Aggregate(1, static (count, d) => count * d)]);
}
