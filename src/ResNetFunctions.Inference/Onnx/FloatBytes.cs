using System.Buffers;
using System.Runtime.InteropServices;

namespace ResNetFunctions.Inference.Onnx;

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
