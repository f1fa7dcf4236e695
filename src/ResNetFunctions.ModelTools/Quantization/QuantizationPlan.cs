using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Decides what of a graph becomes int8, by its structure: convolutions, linear layers, and what is between them.
/// What follows the last layer stays float32, and so do the logits.</summary>
internal sealed class QuantizationPlan
{
    // Operators that only move or choose numbers: the output has the input's scale.
    private static readonly HashSet<string> Movers = ["Concat", "Flatten", "MaxPool", "Reshape", "Squeeze", "Transpose", "Unsqueeze"];

    // Operators that ONNX Runtime, or a rewriting here, computes on uint8.
    private static readonly HashSet<string> Arithmetic =
        ["Add", "AveragePool", "GlobalAveragePool", "HardSigmoid", "HardSwish", "Mul", "Sigmoid"];

    // Below this, x * sigmoid(x) is between -0.015 and 0: less than half a step of any output's scale.
    private const double SiluIsZero = -6;
    private const double HardSwishIsZero = -3;

    private readonly Dictionary<string, TensorProto> _constants;
    private readonly Dictionary<string, Bounds> _bounds = [];
    private readonly Dictionary<string, string> _groups = [];
    private readonly HashSet<string> _quantized = [];

    private QuantizationPlan(GraphProto graph)
    {
        Graph = graph;
        _constants = graph.Initializer.ToDictionary(static tensor => tensor.Name);
    }

    /// <summary>The graph without the activations that the rounding to uint8 does itself: saturating at 0 is a
    /// ReLU.</summary>
    public GraphProto Graph { get; }

    /// <summary>The tensors that become uint8, in graph order.</summary>
    public IReadOnlyList<string> Tensors { get; private set; } = [];

    /// <exception cref="InvalidModelException">There is nothing to quantize.</exception>
    public static QuantizationPlan Of(GraphProto graph)
    {
        var plan = new QuantizationPlan(graph.Clone());
        HashSet<string> wanted = plan.LeadingToLayers();
        plan.AbsorbActivations(wanted);
        plan.Choose(wanted);
        if (!plan.Graph.Node.Any(plan.IsLayer))
            throw new InvalidModelException("The graph has no convolution or linear layer with constant weights.");
        plan.Group();
        plan.Bound();
        return plan;
    }

    public bool IsQuantized(string tensor) => _quantized.Contains(tensor);

    /// <summary>The group of tensors that share a scale.</summary>
    public string GroupOf(string tensor)
    {
        while (_groups.TryGetValue(tensor, out string? next))
            tensor = next;
        return tensor;
    }

    public Bounds BoundsOf(string tensor) => _bounds.GetValueOrDefault(tensor, Bounds.None);

    public TensorProto? Constant(string tensor) => _constants.GetValueOrDefault(tensor);

    /// <summary>A 2-D convolution, or a linear layer as <c>y = x w^T + b</c>, with constant weights and bias.</summary>
    public bool IsLayer(NodeProto node)
    {
        if (node.OpType is not ("Conv" or "Gemm") || Constant(node.Input[1]) is not { } weights
            || weights.DataType != (int)TensorProto.Types.DataType.Float || Constant(node.Input[0]) is not null
            || (node.Input.Count > 2 && node.Input[2].Length > 0 && Constant(node.Input[2]) is null))
            return false;
        return node.OpType == "Conv"
            ? weights.Dims.Count == 4
            : node.Float("alpha", 1) == 1 && node.Float("beta", 1) == 1 && node.Int("transA", 0) == 0
                && (node.Input.Count < 3 || Constant(node.Input[2])!.Dims is [_]);
    }

    public IEnumerable<string> Activations(NodeProto node) =>
        (IsLayer(node) || node.OpType is "Reshape" or "Clip" or "Squeeze" or "Unsqueeze" ? node.Input.Take(1) : node.Input)
        .Where(input => input.Length > 0 && !_constants.ContainsKey(input));

    private bool IsMover(NodeProto node) =>
        Movers.Contains(node.OpType) && node.Output.Count == 1
        && (node.OpType != "Concat" || !node.Input.Any(_constants.ContainsKey));

    private bool IsInt8(NodeProto node) => IsLayer(node) || IsMover(node) || Arithmetic.Contains(node.OpType);

    // From the last node up: a tensor becomes int8 if a layer reads it, or an operator that computes such a tensor.
    private HashSet<string> LeadingToLayers()
    {
        HashSet<string> wanted = [];
        foreach (NodeProto node in Graph.Node.Reverse())
        {
            bool leads = IsLayer(node)
                || ((IsMover(node) || Arithmetic.Contains(node.OpType) || node.OpType is "Relu" or "Clip")
                    && wanted.Contains(node.Output[0]));
            if (leads)
                wanted.UnionWith(Activations(node));
        }
        return wanted;
    }

    private void AbsorbActivations(HashSet<string> wanted)
    {
        var producers = Graph.Node.SelectMany(static node => node.Output.Select(output => (output, node)))
            .ToDictionary(static pair => pair.output, static pair => pair.node);
        foreach (NodeProto activation in Graph.Node.ToArray())
        {
            string input = activation.Input.FirstOrDefault("");
            if (CeilingOf(activation) is not { } ceiling || !producers.TryGetValue(input, out NodeProto? producer)
                || !(IsLayer(producer) || producer.OpType is "Add" or "Mul") || Readers(input) != 1
                || !(wanted.Contains(activation.Output[0]) || producer.OpType == "Conv"))
                continue;
            producer.Output[0] = activation.Output[0];
            producers[activation.Output[0]] = producer;
            _bounds[activation.Output[0]] = new Bounds(0, ceiling);
            Graph.Node.Remove(activation);
        }
    }

    private double? CeilingOf(NodeProto node) => node.OpType switch
    {
        "Relu" => double.PositiveInfinity,
        "Clip" when node.Input.Count == 3 && Constant(node.Input[1])?.Floats() is [0] && Constant(node.Input[2])?.Floats() is [var max] => max,
        _ => null,
    };

    private int Readers(string tensor) =>
        Graph.Node.Sum(node => node.Input.Count(input => input == tensor)) + Graph.Output.Count(output => output.Name == tensor);

    // Linear layers have a kernel from uint8 to float32; convolutions have none.
    private void Choose(HashSet<string> wanted)
    {
        IEnumerable<string> inputs = Graph.Input.Select(static input => input.Name);
        IEnumerable<string> made = Graph.Node.SelectMany(node => node.Output
            .Where((output, i) => i == 0 && (wanted.Contains(output) || (node.OpType == "Conv" && IsLayer(node)))));
        Tensors = [.. inputs.Where(wanted.Contains).Concat(made)];
        _quantized.UnionWith(Tensors);
    }

    private void Group()
    {
        foreach (NodeProto node in Graph.Node.Where(node => IsMover(node) && IsQuantized(node.Output[0])))
        {
            foreach (string input in Activations(node).Select(GroupOf).Where(group => group != GroupOf(node.Output[0])))
                _groups[input] = GroupOf(node.Output[0]);
        }
    }

    // The consumers of a tensor may treat some of its numbers alike.
    private void Bound()
    {
        foreach (string tensor in Tensors)
        {
            NodeProto[] readers = [.. Graph.Node.Where(node => node.Input.Contains(tensor))];
            double low = readers is [{ OpType: "HardSwish" }] ? HardSwishIsZero
                : IsSilu(readers) ? SiluIsZero
                : double.NegativeInfinity;
            _bounds[tensor] = BoundsOf(tensor).Within(Bounds.None with { Low = low });
        }
    }

    private static bool IsSilu(NodeProto[] readers) =>
        readers.Length == 2 && Array.Find(readers, static node => node.OpType == "Sigmoid") is { } gate
        && Array.Exists(readers, node => node.OpType == "Mul" && node.Input.Contains(gate.Output[0]));
}
