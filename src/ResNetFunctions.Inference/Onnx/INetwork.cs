namespace ResNetFunctions.Inference.Onnx;

/// <summary>An architecture's description: it writes its nodes and layers down, without weights.</summary>
internal interface INetwork
{
    /// <summary>Writes the network from the image to the logits of so many classes.</summary>
    Value Build(GraphBuilder g, int classes);
}
