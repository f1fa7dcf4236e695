using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using DataType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Prepares a graph for quantization: float32, BatchNorms and constants folded, in an opset with scales per
/// channel, its first convolution over blocks of pixels.</summary>
internal static class FloatGraph
{
    // float32's range includes float16's, so nothing overflows.
    public static ModelProto Read(ModelFile file)
    {
        ModelProto model = OnnxFile.Read(file);
        if (model.Graph.Node.FirstOrDefault(IsQuantized) is { } node)
            throw new InvalidModelException($"The graph is quantized already: it has a {node.OpType}.");
        ToFloat32(model.Graph);
        model = Simplified(model);
        OpsetUpgrade.Apply(model);
        StemBlocks.Apply(model.Graph);
        return model;
    }

    private static bool IsQuantized(NodeProto node) =>
        node.OpType.StartsWith("QLinear", StringComparison.Ordinal)
        || node.OpType.EndsWith("QuantizeLinear", StringComparison.Ordinal)
        || node.OpType is "DequantizeLinear" or "ConvInteger" or "MatMulInteger";

    private static void ToFloat32(GraphProto graph)
    {
        foreach (TensorProto tensor in graph.Initializer)
            ToFloat32(tensor);
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output))
        {
            if (value.Type?.TensorType is { ElemType: (int)DataType.Float16 } tensor)
                tensor.ElemType = (int)DataType.Float;
        }
        foreach (AttributeProto attribute in graph.Node.SelectMany(static node => node.Attribute))
        {
            if (attribute is { Name: "to" or "dtype", I: (long)DataType.Float16 })
                attribute.I = (long)DataType.Float;
            if (attribute.T is not null)
                ToFloat32(attribute.T);
        }
        graph.ValueInfo.Clear(); // What it says of types is no longer so, and nothing needs it.
    }

    private static void ToFloat32(TensorProto tensor)
    {
        if (tensor.DataType != (int)DataType.Float16)
            return;
        Half[] halves = tensor.HasRawData
            ? MemoryMarshal.Cast<byte, Half>(tensor.RawData.Span).ToArray()
            : [.. tensor.Int32Data.Select(static bits => BitConverter.UInt16BitsToHalf((ushort)bits))];
        float[] singles = new float[halves.Length];
        System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(halves, singles);
        tensor.Int32Data.Clear();
        tensor.DataType = (int)DataType.Float;
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(singles));
    }

    /// <summary>ONNX Runtime's basic optimisations: constants folded, BatchNorm folded into convolutions, dropouts removed;
    /// standard operators only.</summary>
    private static ModelProto Simplified(ModelProto model)
    {
        string path = Path.Combine(Path.GetTempPath(), $"resnet-{Guid.NewGuid():N}.onnx");
        try
        {
            using var options = new SessionOptions
            {
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC,
                OptimizedModelFilePath = path,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            using (new InferenceSession(model.ToByteArray(), options))
            {
                return OnnxFile.Parse(File.ReadAllBytes(path));
            }
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException($"ONNX Runtime cannot load the float32 graph: {e.Message}", e);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
