
namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>What follows a convolution.</summary>
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

/// <summary>An inverted residual block: widen, convolve each channel alone, narrow again.</summary>
/// <param name="Expanded">The channels in between; where they are as many as come in, nothing is widened.</param>
/// <param name="Channels">The channels that come out.</param>
/// <param name="Kernel">The side of the depthwise kernel.</param>
/// <param name="Stride">The depthwise convolution's stride.</param>
/// <param name="Activation">After every convolution but the last.</param>
/// <param name="Excitation">Weighs the channels before they are narrowed; null for none.</param>
internal sealed record InvertedResidual(
    int Expanded, int Channels, int Kernel, int Stride, Activation Activation, SqueezeExcitation? Excitation = null)
{
    /// <param name="g">The graph.</param>
    /// <param name="x">What comes in.</param>
    /// <param name="name">The block's name.</param>
    /// <param name="branch">The name of the list that holds the block's layers.</param>
    /// <param name="flat">Whether the last convolution and its norm stand in that list themselves.</param>
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

/// <summary>Squeeze and excitation: each channel is scaled by what two small layers make of all channels' means.</summary>
/// <param name="Squeezed">The channels in between.</param>
/// <param name="Activation">Between the two layers.</param>
/// <param name="Gate">Makes a factor of the second layer's output.</param>
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

/// <summary>SqueezeNet's block: narrow to a few channels, then widen by 1x1 and by 3x3 kernels side by side.</summary>
/// <param name="Squeezed">The channels in between.</param>
/// <param name="Expanded">The channels that either kind of kernel makes.</param>
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
