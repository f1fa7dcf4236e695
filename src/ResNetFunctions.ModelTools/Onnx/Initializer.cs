using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace ResNetFunctions.ModelTools.Onnx;

internal static class Initializer
{
    /// <summary>Keeps the array without a copy.</summary>
    public static TensorProto Of(string name, int[] shape, float[] values) => new()
    {
        Name = name,
        DataType = (int)TensorProto.Types.DataType.Float,
        Dims = { Array.ConvertAll(shape, static d => (long)d) },
        RawData = UnsafeByteOperations.UnsafeWrap(new FloatBytes(values).Memory),
    };
}

/// <summary>The bytes of an array of floats without a copy, so that weights are not in memory twice.</summary>
internal sealed class FloatBytes(float[] values) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(values.AsSpan());

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = GCHandle.Alloc(values, GCHandleType.Pinned);
        return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + elementIndex, handle);
    }

    public override void Unpin()
    {
        // The MemoryHandle frees the GCHandle.
    }

    protected override void Dispose(bool disposing)
    {
        // The garbage collector frees the array.
    }
}
