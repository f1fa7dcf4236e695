using System.Buffers;
using System.Runtime.InteropServices;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>
/// Decoded pixels as stored, 4 bytes each: red, green, blue, and one without meaning. Rows follow one another
/// without gaps, and <see cref="Slack"/> readable bytes follow the last, so that a vector may be loaded at any pixel.
/// Pixels keep their places where only a region of the picture is held.
/// </summary>
internal sealed unsafe class PixelBuffer : IDisposable
{
    public const int BytesPerPixel = 4;
    public const int Slack = 64;

    // Up to this size a buffer comes from the pool and stays in it; a larger one goes back to the system at once.
    private const int MaxPooledBytes = 1 << 20;

    // No more than can be in use at one time. The shared pool would keep some for each thread that ever ran a request.
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(MaxPooledBytes, 2 * Environment.ProcessorCount);

    private readonly PixelRegion _held;
    private byte[]? _rented;
    private MemoryHandle _pin;

    public PixelBuffer(int width, int height)
        : this(width, height, new PixelRegion(0, 0, width, height))
    {
    }

    /// <param name="width">The picture's.</param>
    /// <param name="height">The picture's.</param>
    /// <param name="held">The part of it that there is room for.</param>
    public PixelBuffer(int width, int height, in PixelRegion held)
    {
        Width = width;
        Height = height;
        _held = held;
        var size = ((nuint)held.Width * (nuint)held.Height * BytesPerPixel) + Slack;
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

    /// <summary>From one row to the next, in bytes.</summary>
    public nint Stride => (nint)_held.Width * BytesPerPixel;

    /// <summary>The first byte that is held; null once disposed.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>Where the first pixel of a row is, or would be, were it held.</summary>
    public byte* RowPointer(int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)(y - _held.Top), (uint)_held.Height);
        return Pointer + ((y - _held.Top) * Stride) - (_held.Left * BytesPerPixel);
    }

    /// <summary>What is held of a row.</summary>
    public Span<byte> Row(int y) => new(RowPointer(y) + (_held.Left * BytesPerPixel), checked((int)Stride));

    /// <summary>Makes every pixel black.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)_held.Height * (nuint)Stride);

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
