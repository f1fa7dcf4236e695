using ResNetFunctions.ModelTools.Onnx;
using Type = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.Fuzz;

/// <summary>A models folder with one classifier of three classes, the mean of each colour channel. It takes no
/// time.</summary>
internal static class TinyModel
{
    public const string Name = "tiny";

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Name + ".json"), """
            {
              "name": "tiny",
              "weights": { "file": "tiny.onnx" },
              "input": { "resize": 32, "crop": 32 },
              "labels": "tiny.tsv"
            }
            """);
        File.WriteAllText(Path.Combine(folder, "tiny.tsv"), "0\tred\tred\n1\tgreen\tgreen\n2\tblue\tblue\n");
        OnnxFile.Write(Model(), Path.Combine(folder, "tiny.onnx"), new Dictionary<string, string>());
    }

    private static ModelProto Model()
    {
        var graph = new GraphProto { Name = Name };
        graph.Input.Add(Tensor("input", 1, 3, 32, 32));
        graph.Output.Add(Tensor("logits", 1, 3));
        graph.Node.Add(Node("GlobalAveragePool", "input", "means"));
        graph.Node.Add(Node("Flatten", "means", "logits"));
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        return model;
    }

    private static NodeProto Node(string type, string input, string output)
    {
        var node = new NodeProto { OpType = type };
        node.Input.Add(input);
        node.Output.Add(output);
        return node;
    }

    private static ValueInfoProto Tensor(string name, params ReadOnlySpan<int> shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (int dimension in shape)
            dimensions.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dimension });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)Type.Float, Shape = dimensions } },
        };
    }
}
