using System.Buffers;
using System.Runtime.InteropServices;

namespace ResNetFunctions.Api.Http;

/// <summary>Memory outside the garbage collector's heap. The system provides a page when it is first written.</summary>
internal sealed unsafe class NativeBytes(int length) : MemoryManager<byte>
{
    private byte* _pointer = (byte*)NativeMemory.Alloc((nuint)length);

    public override Memory<byte> Memory => CreateMemory(length);

    public override Span<byte> GetSpan() => new(_pointer, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_pointer + elementIndex);

    public override void Unpin() { }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_pointer);
        _pointer = null;
    }
}
