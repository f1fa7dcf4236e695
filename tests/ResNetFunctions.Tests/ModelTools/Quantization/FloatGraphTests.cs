using System.Runtime.InteropServices;
using Google.Protobuf;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Quantization;
using ResNetFunctions.Tests.ModelTools.Onnx;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

public class FloatGraphTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_Float16_IsTheSameNetworkInFloat32(bool inInt32Data)
    {
        ModelProto model = SmallNetworks.Build("fire");
        ModelProto halves = model.Clone();
        foreach (TensorProto tensor in halves.Graph.Initializer)
            ToHalf(tensor, inInt32Data);
        foreach (ValueInfoProto value in halves.Graph.Input.Concat(halves.Graph.Output))
            value.Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Float16;

        using var expected = new Network(model);
        using var actual = new Network(Read(halves));
        Assert.All(
            expected.Run(Formula.Image(0)).Zip(actual.Run(Formula.Image(0))),
            static pair => Assert.InRange(pair.First - pair.Second, -0.01, 0.01));
    }

    [Fact]
    public void Read_OldOpset_IsLifted()
    {
        ModelProto old = SmallNetworks.Build("relu6");
        old.OpsetImport[0].Version = 7;
        old.IrVersion = 3;
        foreach (NodeProto node in old.Graph.Node)
        {
            foreach (AttributeProto ceil in node.Attribute.Where(static a => a.Name == "ceil_mode").ToArray())
                node.Attribute.Remove(ceil);
            if (node.OpType != "Clip")
                continue;
            node.Input.RemoveAt(2);
            node.Input.RemoveAt(1);
            node.Attribute.Add(new AttributeProto { Name = "min", Type = AttributeProto.Types.AttributeType.Float, F = 0 });
            node.Attribute.Add(new AttributeProto { Name = "max", Type = AttributeProto.Types.AttributeType.Float, F = 6 });
        }
        foreach (TensorProto constant in old.Graph.Initializer)
        {
            var shape = new TensorShapeProto();
            shape.Dim.Add(constant.Dims.Select(static d => new TensorShapeProto.Types.Dimension { DimValue = d }));
            var tensor = new TypeProto.Types.Tensor { ElemType = constant.DataType, Shape = shape };
            old.Graph.Input.Add(new ValueInfoProto { Name = constant.Name, Type = new TypeProto { TensorType = tensor } });
        }

        ModelProto lifted = Read(old);

        Assert.Equal(13, lifted.OpsetImport.Single().Version);
        Assert.Equal(["input"], lifted.Graph.Input.Select(static input => input.Name));
        using var expected = new Network(SmallNetworks.Build("relu6"));
        using var actual = new Network(lifted);
        Assert.Equal(expected.Run(Formula.Image(0)), actual.Run(Formula.Image(0)));
    }

    [Fact]
    public void Read_OldOpsetWithAnOperatorThatChanged_NamesIt()
    {
        ModelProto old = SmallNetworks.Build("fire");
        old.OpsetImport[0].Version = 12;
        foreach (NodeProto relu in old.Graph.Node.Where(static node => node.OpType == "Relu"))
            relu.OpType = "Softmax";
        Assert.Contains("Softmax", Assert.Throws<InvalidModelException>(() => Read(old)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BatchNorm_IsFoldedIntoItsConvolution()
    {
        ModelProto model = SmallNetworks.Build("fire");
        GraphProto graph = model.Graph;
        NodeProto stem = graph.Node[0];
        string[] numbers = ["gamma", "beta", "mean", "variance"];
        foreach ((int i, string name) in numbers.Index())
            graph.Initializer.Add(Initializer.Of(name, [16], [.. Enumerable.Range(1, 16).Select(c => 0.1f * (c + i))]));
        graph.Node.Insert(1, new NodeProto
        {
            OpType = "BatchNormalization",
            Name = "norm",
            Input = { numbers.Prepend("unnormalised") },
            Output = { stem.Output[0] },
        });
        stem.Output[0] = "unnormalised";

        ModelProto folded = Read(model);

        Assert.DoesNotContain(folded.Graph.Node, static node => node.OpType == "BatchNormalization");
        using var expected = new Network(model);
        using var actual = new Network(folded);
        Assert.All(
            expected.Run(Formula.Image(0)).Zip(actual.Run(Formula.Image(0))),
            static pair => Assert.InRange(pair.First - pair.Second, -1e-3, 1e-3));
    }

    [Fact]
    public void Read_NoGraph_SaysSo() =>
        Assert.Throws<InvalidModelException>(() => FloatGraph.Read(new ModelFile(null, "not a graph"u8.ToArray())));

    private static ModelProto Read(ModelProto model) => FloatGraph.Read(new ModelFile(null, model.ToByteArray()));

    private static void ToHalf(TensorProto tensor, bool inInt32Data)
    {
        Half[] halves = Array.ConvertAll(tensor.Floats(), static value => (Half)value);
        tensor.DataType = (int)TensorProto.Types.DataType.Float16;
        if (inInt32Data)
        {
            tensor.ClearRawData();
            tensor.Int32Data.Add(halves.Select(static half => (int)BitConverter.HalfToUInt16Bits(half)));
        }
        else
        {
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<Half>(halves));
        }
    }
}
