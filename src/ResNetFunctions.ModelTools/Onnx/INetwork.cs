namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>Describes an architecture: its nodes and layers, without weights.</summary>
internal interface INetwork
{
    /// <summary>Scales the norms of seeded weights, so that signals neither fade nor grow through the blocks.</summary>
    double SeededGain => 1;

    /// <summary>Builds the network from the image to the logits.</summary>
    Value Build(GraphBuilder g, int classes);
}
