
namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>EfficientNet-B0 (Tan and Le, 2019).</summary>
internal sealed record EfficientNet : INetwork
{
    private const int StemChannels = 32;
    private const int LastChannels = 1280;

    private static readonly (int Expansion, int Kernel, int Stride, int Channels, int Blocks)[] Stages =
    [
        (1, 3, 1, 16, 1),
        (6, 3, 2, 24, 2),
        (6, 5, 2, 40, 2),
        (6, 3, 2, 80, 3),
        (6, 5, 1, 112, 3),
        (6, 5, 2, 192, 4),
        (6, 3, 1, 320, 1),
    ];

    public double SeededGain => 1.2;

    public Value Build(GraphBuilder g, int classes)
    {
        Value x = g.ConvNorm(g.Input(), "features.0", StemChannels, kernel: 3, stride: 2, activation: Activation.Silu);
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            (int expansion, int kernel, int firstStride, int channels, int blocks) = Stages[stage];
            for (int block = 0; block < blocks; block++)
            {
                int stride = block == 0 ? firstStride : 1;
                var excitation = new SqueezeExcitation(x.Channels / 4, Activation.Silu, Activation.Sigmoid);
                var residual = new InvertedResidual(
                    x.Channels * expansion, channels, kernel, stride, Activation.Silu, excitation);
                x = residual.Build(g, x, $"features.{stage + 1}.{block}", "block");
            }
        }

        x = g.ConvNorm(x, $"features.{Stages.Length + 1}", LastChannels, activation: Activation.Silu);
        return g.Linear(g.Flatten(g.GlobalAveragePool(x, "avgpool")), "classifier.1", classes);
    }
}
