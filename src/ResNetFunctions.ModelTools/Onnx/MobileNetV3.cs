namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>MobileNetV3 (Howard et al., 2019), width 1.</summary>
/// <param name="Blocks">Kernel, inner channels, channels, squeeze and excitation, hard swish (else ReLU), stride.</param>
/// <param name="LastChannels">The features before the classifier.</param>
internal sealed record MobileNetV3(
    (int Kernel, int Expanded, int Channels, bool Excitation, bool HardSwish, int Stride)[] Blocks, int LastChannels)
    : INetwork
{
    private const double Epsilon = 0.001;
    private const int StemChannels = 16;

    public static MobileNetV3 Small { get; } = new(
        [
            (3, 16, 16, true, false, 2),
            (3, 72, 24, false, false, 2),
            (3, 88, 24, false, false, 1),
            (5, 96, 40, true, true, 2),
            (5, 240, 40, true, true, 1),
            (5, 240, 40, true, true, 1),
            (5, 120, 48, true, true, 1),
            (5, 144, 48, true, true, 1),
            (5, 288, 96, true, true, 2),
            (5, 576, 96, true, true, 1),
            (5, 576, 96, true, true, 1),
        ],
        LastChannels: 1024);

    public static MobileNetV3 Large { get; } = new(
        [
            (3, 16, 16, false, false, 1),
            (3, 64, 24, false, false, 2),
            (3, 72, 24, false, false, 1),
            (5, 72, 40, true, false, 2),
            (5, 120, 40, true, false, 1),
            (5, 120, 40, true, false, 1),
            (3, 240, 80, false, true, 2),
            (3, 200, 80, false, true, 1),
            (3, 184, 80, false, true, 1),
            (3, 184, 80, false, true, 1),
            (3, 480, 112, true, true, 1),
            (3, 672, 112, true, true, 1),
            (5, 672, 160, true, true, 2),
            (5, 960, 160, true, true, 1),
            (5, 960, 160, true, true, 1),
        ],
        LastChannels: 1280);

    public double SeededGain => 1.05;

    public Value Build(GraphBuilder g, int classes)
    {
        Value x = g.ConvNorm(
            g.Input(), "features.0", StemChannels, kernel: 3, stride: 2, activation: Activation.HardSwish, epsilon: Epsilon);
        int feature = 1;
        foreach ((int kernel, int expanded, int channels, bool excitation, bool hardSwish, int stride) in Blocks)
        {
            Activation activation = hardSwish ? Activation.HardSwish : Activation.Relu;
            SqueezeExcitation? squeeze = excitation
                ? new(DivisibleBy8(expanded / 4), Activation.Relu, Activation.HardSigmoid)
                : null;
            var residual = new InvertedResidual(expanded, channels, kernel, stride, activation, squeeze);
            x = residual.Build(g, x, $"features.{feature++}", "block", epsilon: Epsilon);
        }

        x = g.ConvNorm(x, $"features.{feature}", 6 * x.Channels, activation: Activation.HardSwish, epsilon: Epsilon);
        x = g.Flatten(g.GlobalAveragePool(x, "avgpool"));
        x = g.Activate(g.Linear(x, "classifier.0", LastChannels), Activation.HardSwish);
        return g.Linear(x, "classifier.3", classes);
    }

    /// <summary>The nearest multiple of 8, at least nine tenths of the number.</summary>
    private static int DivisibleBy8(int channels)
    {
        int nearest = Math.Max(8, (channels + 4) / 8 * 8);
        return nearest < 0.9 * channels ? nearest + 8 : nearest;
    }
}
