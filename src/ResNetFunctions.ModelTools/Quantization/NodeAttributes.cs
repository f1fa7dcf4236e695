using System.Runtime.InteropServices;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Quantization;

internal static class NodeAttributes
{
    public static long Int(this NodeProto node, string name, long otherwise) => node.Find(name)?.I ?? otherwise;

    public static float Float(this NodeProto node, string name, float otherwise) => node.Find(name)?.F ?? otherwise;

    /// <summary>A copy of a float32 constant's numbers.</summary>
    public static float[] Floats(this TensorProto tensor) =>
        tensor.HasRawData ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];

    public static AttributeProto? Find(this NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
