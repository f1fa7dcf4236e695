using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Adding;

/// <summary>Removes ZipMap and the label of the best class, as in exports of scikit-learn and older Custom Vision, so that
/// the output is the scores in the order of the names.</summary>
internal static class ZipMaps
{
    /// <returns>The names in the order of the scores; null if the graph has no ZipMap.</returns>
    public static Labels? Remove(GraphProto graph)
    {
        if (graph.Node.FirstOrDefault(static node => node.OpType == "ZipMap") is not { } zip)
            return null;
        AttributeProto names = zip.Attribute.FirstOrDefault(static a => a.Name == "classlabels_strings" && a.Strings.Count > 0)
            ?? throw new InvalidModelException("The graph's ZipMap has no class names (classlabels_strings).");
        var labels = new Labels([.. names.Strings.Select(static name => ((string?)null, name.ToStringUtf8()))]);

        string scores = zip.Input[0];
        graph.Output.Clear();
        graph.Output.Add(new ValueInfoProto { Name = scores });
        HashSet<string> needed = Needed(graph, scores);
        foreach (NodeProto unneeded in graph.Node.Where(node => !node.Output.Any(needed.Contains)).ToArray())
            graph.Node.Remove(unneeded);
        foreach (TensorProto unneeded in graph.Initializer.Where(tensor => !needed.Contains(tensor.Name)).ToArray())
            graph.Initializer.Remove(unneeded);
        graph.ValueInfo.Clear();
        return labels;
    }

    private static HashSet<string> Needed(GraphProto graph, string value)
    {
        HashSet<string> needed = [];
        var open = new Stack<string>([value]);
        while (open.TryPop(out string? name))
        {
            if (!needed.Add(name))
                continue;
            foreach (string input in graph.Node.Where(node => node.Output.Contains(name)).SelectMany(static node => node.Input))
                open.Push(input);
        }
        return needed;
    }
}
