namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>An architecture's description: it writes its nodes and layers down, without weights.</summary>
internal interface INetwork
{
    /// <summary>
    /// What seeded weights scale their norms by, so that a signal neither fades nor grows on its way through all
    /// blocks. Trained weights need no such thing.
    /// </summary>
    double SeededGain => 1;

    /// <summary>Writes the network from the image to the logits of so many classes.</summary>
    Value Build(GraphBuilder g, int classes);
}
