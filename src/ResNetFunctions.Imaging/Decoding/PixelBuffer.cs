using System.Buffers;
using System.Runtime.InteropServices;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Decoded pixels as stored: red, green, blue and an unused byte. Rows have no gaps, and <see cref="Slack"/>
/// readable bytes follow the last one, so that a vector can be loaded at any pixel. A buffer may hold only a region of the
/// picture; its pixels keep their coordinates.</summary>
internal sealed unsafe class PixelBuffer : IDisposable
{
    public const int BytesPerPixel = 4;
    public const int Slack = 64;

    // Larger buffers go back to the system at once.
    private const int MaxPooledBytes = 1 << 20;

    // As many as can be in use at once. The shared pool would keep some for each thread that ever ran a request.
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(MaxPooledBytes, 2 * Environment.ProcessorCount);

    private readonly PixelRegion _held;
    private byte[]? _rented;
    private MemoryHandle _pin;

    public PixelBuffer(int width, int height)
        : this(width, height, new PixelRegion(0, 0, width, height))
    {
    }

    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <param name="held">The region that is held.</param>
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

    public nint Stride => (nint)_held.Width * BytesPerPixel;

    /// <summary>The first byte that is held; null once disposed.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>The address of a row's first pixel, whether or not it is held.</summary>
    public byte* RowPointer(int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)(y - _held.Top), (uint)_held.Height);
        return Pointer + ((y - _held.Top) * Stride) - (_held.Left * BytesPerPixel);
    }

    /// <summary>The held part of a row.</summary>
    public Span<byte> Row(int y) => new(RowPointer(y) + (_held.Left * BytesPerPixel), checked((int)Stride));

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
