using System.Buffers;
using System.Runtime.InteropServices;

namespace ResNetFunctions.Inference.Decoding;

/// <summary>
/// Decoded pixels as stored, 4 bytes each: red, green, blue, and one without meaning. Rows follow one another
/// without gaps, and <see cref="Slack"/> readable bytes follow the last, so that a vector may be loaded at any pixel.
/// </summary>
internal sealed unsafe class PixelBuffer : IDisposable
{
    public const int BytesPerPixel = 4;
    public const int Slack = 64;

    // Up to this size a buffer comes from the pool and stays in it; a larger one goes back to the system at once.
    private const int MaxPooledBytes = 1 << 20;

    // No more than can be in use at one time. The shared pool would keep some for each thread that ever ran a request.
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(MaxPooledBytes, 2 * Environment.ProcessorCount);

    private byte[]? _rented;
    private MemoryHandle _pin;

    public PixelBuffer(int width, int height)
    {
        Width = width;
        Height = height;
        var size = ((nuint)width * (nuint)height * BytesPerPixel) + Slack;
        if (size > MaxPooledBytes)
        {
            Pointer = (byte*)NativeMemory.Alloc(size);
            return;
        }
        _rented = Pool.Rent((int)size);
        _pin = _rented.AsMemory().Pin();
        Pointer = (byte*)_pin.Pointer;
    }

    public int Width { get; }

    public int Height { get; }

    public nint Stride => (nint)Width * BytesPerPixel;

    /// <summary>The first row's first byte; null once disposed.</summary>
    public byte* Pointer { get; private set; }

    public byte* RowPointer(int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height);
        return Pointer + (y * Stride);
    }

    public Span<byte> Row(int y) => new(RowPointer(y), checked((int)Stride));

    /// <summary>Makes every pixel black.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Height * (nuint)Stride);

    ~PixelBuffer() => Release();

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (Pointer == null)
            return;
        if (_rented is { } array)
        {
            _rented = null;
            _pin.Dispose();
            Pool.Return(array);
        }
        else
        {
            NativeMemory.Free(Pointer);
        }
        Pointer = null;
    }
}
