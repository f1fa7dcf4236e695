using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>The constants of a graph.</summary>
internal static class Initializer
{
    /// <summary>A float32 tensor that keeps the array it is given.</summary>
    public static TensorProto Of(string name, int[] shape, float[] values) => new()
    {
        Name = name,
        DataType = (int)TensorProto.Types.DataType.Float,
        Dims = { Array.ConvertAll(shape, static d => (long)d) },
        RawData = UnsafeByteOperations.UnsafeWrap(new FloatBytes(values).Memory),
    };
}

/// <summary>The bytes of an array of numbers, without a copy: a network's weights need not be in memory twice.</summary>
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
        // The array is the garbage collector's.
    }
}
