using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>The ResNet family (He et al., 2015): a convolution, a pool, and four stages of residual blocks.</summary>
/// <param name="Bottleneck">Blocks of 1x1, 3x3 and 1x1 convolutions; else of two 3x3.</param>
/// <param name="Depths">The number of blocks in each stage.</param>
/// <param name="BaseWidth">The inner channels of a bottleneck, per group, where a stage has 64.</param>
/// <param name="Groups">The groups of the inner convolution.</param>
internal sealed record ResNet(bool Bottleneck, int[] Depths, int BaseWidth = 64, int Groups = 1) : INetwork
{
    private const int StemChannels = 64;

    public double SeededGain => Depths.Sum() > 16 ? 0.75 : 1;

    private int Expansion => Bottleneck ? 4 : 1;

    /// <summary>Read from the weights' names and shapes; null if they are not a ResNet's.</summary>
    public static ResNet? Of(IReadOnlyDictionary<string, WeightTensor> weights)
    {
        if (!weights.TryGetValue("layer1.0.conv1.weight", out WeightTensor? reduce) || reduce.Shape is not [var width, ..]
            || !weights.TryGetValue("layer1.0.conv2.weight", out WeightTensor? inner)
            || inner.Shape is not [_, > 0 and var perGroup, ..])
            return null;
        int groups = Math.Max(1, width / perGroup);
        int[] depths = [.. Enumerable.Range(1, 4).Select(stage => Depth(weights, stage))];
        return weights.ContainsKey("layer1.0.conv3.weight")
            ? new ResNet(Bottleneck: true, depths, width / groups, groups)
            : new ResNet(Bottleneck: false, depths);
    }

    public Value Build(GraphBuilder g, int classes)
    {
        Value x = g.Conv(g.Input(), "conv1", StemChannels, kernel: 7, stride: 2, norm: new("bn1"));
        x = g.MaxPool(g.Relu(x), "maxpool", kernel: 3, stride: 2, padding: 1);
        for (int stage = 0; stage < Depths.Length; stage++)
        {
            for (int block = 0; block < Depths[stage]; block++)
            {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                x = Block(g, x, $"layer{stage + 1}.{block}", StemChannels << stage, stride);
            }
        }

        return g.Linear(g.Flatten(g.GlobalAveragePool(x, "avgpool")), "fc", classes);
    }

    private Value Block(GraphBuilder g, Value x, string name, int channels, int stride)
    {
        Value y = Bottleneck ? BottleneckBranch(g, x, name, channels, stride) : BasicBranch(g, x, name, channels, stride);
        bool sameShape = stride == 1 && x.Channels == y.Channels;
        Value shortcut = sameShape
            ? x
            : g.Conv(x, name + ".downsample.0", y.Channels, stride: stride, norm: new(name + ".downsample.1"));
        return g.Relu(g.Add(y, shortcut, name + ".add"));
    }

    private static Value BasicBranch(GraphBuilder g, Value x, string name, int channels, int stride)
    {
        x = g.Relu(g.Conv(x, name + ".conv1", channels, kernel: 3, stride: stride, norm: new(name + ".bn1")));
        return g.Conv(x, name + ".conv2", channels, kernel: 3, norm: new(name + ".bn2"));
    }

    /// <summary>The stride is in the 3x3 convolution, as in torchvision (ResNet V1.5).</summary>
    private Value BottleneckBranch(GraphBuilder g, Value x, string name, int channels, int stride)
    {
        int width = (int)(channels * (BaseWidth / 64.0)) * Groups;
        x = g.Relu(g.Conv(x, name + ".conv1", width, norm: new(name + ".bn1")));
        x = g.Relu(g.Conv(x, name + ".conv2", width, kernel: 3, stride: stride, groups: Groups, norm: new(name + ".bn2")));
        return g.Conv(x, name + ".conv3", channels * Expansion, norm: new(name + ".bn3"));
    }

    private static int Depth(IReadOnlyDictionary<string, WeightTensor> weights, int stage)
    {
        int depth = 0;
        while (weights.ContainsKey($"layer{stage}.{depth}.conv1.weight"))
            depth++;
        return depth;
    }
}
