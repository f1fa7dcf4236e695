
namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>MobileNetV2 (Sandler et al., 2018), width 1.</summary>
internal sealed record MobileNetV2 : INetwork
{
    private const int StemChannels = 32;
    private const int LastChannels = 1280;

    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Stages =
    [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ];

    public Value Build(GraphBuilder g, int classes)
    {
        Value x = g.ConvNorm(g.Input(), "features.0", StemChannels, kernel: 3, stride: 2, activation: Activation.Relu6);
        int feature = 1;
        foreach ((int expansion, int channels, int blocks, int firstStride) in Stages)
        {
            for (int block = 0; block < blocks; block++)
            {
                int stride = block == 0 ? firstStride : 1;
                var residual = new InvertedResidual(x.Channels * expansion, channels, 3, stride, Activation.Relu6);
                x = residual.Build(g, x, $"features.{feature++}", "conv", flat: true);
            }
        }

        x = g.ConvNorm(x, $"features.{feature}", LastChannels, activation: Activation.Relu6);
        return g.Linear(g.Flatten(g.GlobalAveragePool(x, "avgpool")), "classifier.1", classes);
    }
}
