namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>SqueezeNet 1.1 (Iandola et al., 2016): no BatchNorm, and a convolution for a classifier.</summary>
internal sealed record SqueezeNet : INetwork
{
    public Value Build(GraphBuilder g, int classes)
    {
        Value x = g.Relu(g.Conv(g.Input(), "features.0", 64, kernel: 3, stride: 2, padding: 0));
        x = Pool(g, x, "features.2");
        x = new Fire(16, 64).Build(g, x, "features.3");
        x = new Fire(16, 64).Build(g, x, "features.4");
        x = Pool(g, x, "features.5");
        x = new Fire(32, 128).Build(g, x, "features.6");
        x = new Fire(32, 128).Build(g, x, "features.7");
        x = Pool(g, x, "features.8");
        x = new Fire(48, 192).Build(g, x, "features.9");
        x = new Fire(48, 192).Build(g, x, "features.10");
        x = new Fire(64, 256).Build(g, x, "features.11");
        x = new Fire(64, 256).Build(g, x, "features.12");
        x = g.Relu(g.Conv(x, "classifier.1", classes));
        return g.Flatten(g.GlobalAveragePool(x, "avgpool"));
    }

    private static Value Pool(GraphBuilder g, Value x, string name) =>
        g.MaxPool(x, name, kernel: 3, stride: 2, ceilMode: true);
}
