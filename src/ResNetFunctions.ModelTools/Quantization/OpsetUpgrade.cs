using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Upgrades old graphs to opset 13, the first whose QuantizeLinear has a scale for each channel.</summary>
internal static class OpsetUpgrade
{
    private const long Wanted = 13;
    private const long WantedIr = 8;

    // Add and Mul broadcast as today since this opset.
    private const long Oldest = 7;

    // The same in every opset from 7 to 13.
    private static readonly HashSet<string> Unchanged =
    [
        "Add", "AveragePool", "Concat", "Conv", "Flatten", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid",
        "Identity", "LRN", "LeakyRelu", "MatMul", "MaxPool", "Mul", "ReduceMean", "Relu", "Reshape", "Sigmoid", "Tanh",
        "Transpose",
    ];

    public static void Apply(ModelProto model)
    {
        GraphProto graph = model.Graph;
        long opset = model.OpsetImport.FirstOrDefault(static set => set.Domain.Length == 0)?.Version ?? 0;
        if (opset < Oldest)
            throw new InvalidModelException($"The graph is of opset {opset}, and quantization needs {Oldest} or newer.");
        if (opset < Wanted)
        {
            foreach (NodeProto node in graph.Node)
                Upgrade(node, graph, opset);
        }

        HashSet<string> domains = [.. graph.Node.Select(static node => node.Domain)];
        OperatorSetIdProto[] others = [.. model.OpsetImport.Where(set => set.Domain.Length > 0 && domains.Contains(set.Domain))];
        model.OpsetImport.Clear();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Math.Max(opset, Wanted) });
        model.OpsetImport.Add(others);

        // Up to IR version 3, constants were listed among the inputs.
        HashSet<string> constants = [.. graph.Initializer.Select(static tensor => tensor.Name)];
        foreach (ValueInfoProto constant in graph.Input.Where(input => constants.Contains(input.Name)).ToArray())
            graph.Input.Remove(constant);
        model.IrVersion = Math.Max(model.IrVersion, WantedIr);
    }

    private static void Upgrade(NodeProto node, GraphProto graph, long opset)
    {
        if (Unchanged.Contains(node.OpType))
            return;
        bool last = graph.Output.Any(output => output.Name == node.Output[0]);
        if (node.OpType == "Clip")
            BoundsBecomeInputs(node, graph);
        else if (node.OpType == "Softmax" && last)
            KeepAxis(node);
        else
            throw new InvalidModelException(
                $"The graph is of opset {opset} and has a {node.OpType}, which changed since: convert it to opset {Wanted} or newer first.");
    }

    private static void BoundsBecomeInputs(NodeProto node, GraphProto graph)
    {
        foreach (AttributeProto bound in node.Attribute.ToArray())
        {
            string name = $"{node.Output[0]}.{bound.Name}";
            graph.Initializer.Add(Initializer.Of(name, [], [bound.F]));
            while (node.Input.Count <= (bound.Name == "min" ? 1 : 2))
                node.Input.Add("");
            node.Input[bound.Name == "min" ? 1 : 2] = name;
            node.Attribute.Remove(bound);
        }
    }

    // The default was 1, and all axes from there on were one. A classifier's other axes have length 1.
    private static void KeepAxis(NodeProto node)
    {
        if (node.Attribute.Count == 0)
            node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
    }
}
