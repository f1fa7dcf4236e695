
namespace ResNetFunctions.ModelTools.Onnx;

internal enum Activation
{
    None,
    Relu,
    Relu6,
    HardSwish,
    Silu,
    HardSigmoid,
    Sigmoid,
}

/// <summary>An inverted residual block: widen, depthwise convolution, narrow.</summary>
/// <param name="Expanded">The inner channels; if equal to the input's, nothing is widened.</param>
/// <param name="Channels">The output's channels.</param>
/// <param name="Kernel">The side of the depthwise kernel.</param>
/// <param name="Stride">The depthwise convolution's stride.</param>
/// <param name="Activation">After every convolution but the last.</param>
/// <param name="Excitation">Scales the channels before they are narrowed; null for none.</param>
internal sealed record InvertedResidual(
    int Expanded, int Channels, int Kernel, int Stride, Activation Activation, SqueezeExcitation? Excitation = null)
{
    /// <param name="g">The graph.</param>
    /// <param name="x">The input.</param>
    /// <param name="name">The block's name.</param>
    /// <param name="branch">The name of the module list with the block's layers.</param>
    /// <param name="flat">Whether the last convolution and its norm are directly in that list.</param>
    /// <param name="epsilon">The norms' epsilon.</param>
    public Value Build(GraphBuilder g, Value x, string name, string branch, bool flat = false, double epsilon = 1e-5)
    {
        int index = 0;
        string Next() => $"{name}.{branch}.{index++}";

        Value y = x;
        if (Expanded != x.Channels)
            y = g.ConvNorm(y, Next(), Expanded, activation: Activation, epsilon: epsilon);
        y = g.ConvNorm(y, Next(), Expanded, Kernel, Stride, groups: Expanded, Activation, epsilon);
        if (Excitation is not null)
            y = Excitation.Build(g, y, Next());
        y = flat
            ? g.Conv(y, Next(), Channels, norm: new(Next(), epsilon))
            : g.ConvNorm(y, Next(), Channels, epsilon: epsilon);
        return Stride == 1 && x.Channels == Channels ? g.Add(y, x, name + ".add") : y;
    }
}

/// <summary>Squeeze and excitation: two small layers turn the channels' means into a factor for each channel.</summary>
/// <param name="Squeezed">The inner channels.</param>
/// <param name="Activation">Between the two layers.</param>
/// <param name="Gate">After the second layer.</param>
internal sealed record SqueezeExcitation(int Squeezed, Activation Activation, Activation Gate)
{
    public Value Build(GraphBuilder g, Value x, string name)
    {
        Value mean = g.GlobalAveragePool(x, name + ".avgpool");
        Value squeezed = g.Activate(g.Conv(mean, name + ".fc1", Squeezed), Activation);
        Value gate = g.Activate(g.Conv(squeezed, name + ".fc2", x.Channels), Gate);
        return g.Multiply(x, gate, name + ".mul");
    }
}

/// <summary>SqueezeNet's block: narrow, then widen by 1x1 and 3x3 kernels in parallel.</summary>
/// <param name="Squeezed">The inner channels.</param>
/// <param name="Expanded">The channels of each kind of kernel.</param>
internal sealed record Fire(int Squeezed, int Expanded)
{
    public Value Build(GraphBuilder g, Value x, string name)
    {
        Value squeezed = g.Relu(g.Conv(x, name + ".squeeze", Squeezed));
        Value small = g.Relu(g.Conv(squeezed, name + ".expand1x1", Expanded));
        Value large = g.Relu(g.Conv(squeezed, name + ".expand3x3", Expanded, kernel: 3));
        return g.Concat(small, large, name + ".concat");
    }
}
