using System.Buffers;
using System.Runtime.InteropServices;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Decodes a GIF file's first frame as Pillow does: transparent pixels keep their palette colour, and the area
/// outside the frame gets a palette colour. SkiaSharp and ImageSharp do neither, and ImageSharp accepts truncated
/// files.</summary>
internal static class GifDecoder
{
    public static PixelBuffer Decode(ReadOnlySpan<byte> image)
    {
        var gif = GifHeader.Read(image);
        Span<uint> colors = stackalloc uint[256];
        for (var i = 0; i < colors.Length; i++)
            colors[i] = ColorOf(gif.Palette, i);

        var indices = ArrayPool<byte>.Shared.Rent(gif.FrameWidth);
        var pixels = new PixelBuffer(gif.Width, gif.Height);
        try
        {
            if (gif.FrameWidth != gif.Width || gif.FrameHeight != gif.Height)
                for (var y = 0; y < gif.Height; y++)
                    MemoryMarshal.Cast<byte, uint>(pixels.Row(y)).Fill(colors[gif.Background]);

            var codes = new LzwReader(gif.Codes, stackalloc ushort[LzwReader.MaxCodes], stackalloc byte[LzwReader.MaxCodes * 2]);
            foreach (var y in RowOrder(gif.FrameHeight, gif.Interlaced))
            {
                var row = indices.AsSpan(0, gif.FrameWidth);
                codes.Read(row);
                var target = MemoryMarshal.Cast<byte, uint>(pixels.Row(gif.Top + y))[gif.Left..];
                for (var x = 0; x < row.Length; x++)
                    target[x] = colors[row[x]];
            }
            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(indices);
        }
    }

    // An index beyond the palette is a grey, as in Pillow's default palette.
    private static uint ColorOf(ReadOnlySpan<byte> palette, int index)
    {
        ReadOnlySpan<byte> color = (index * 3) + 3 <= palette.Length
            ? [palette[index * 3], palette[(index * 3) + 1], palette[(index * 3) + 2], 255]
            : [(byte)index, (byte)index, (byte)index, 255];
        return MemoryMarshal.Read<uint>(color);
    }

    private static IEnumerable<int> RowOrder(int height, bool interlaced)
    {
        (int Start, int Step)[] passes = interlaced ? [(0, 8), (4, 8), (2, 4), (1, 2)] : [(0, 1)];
        foreach (var (start, step) in passes)
            for (var y = start; y < height; y += step)
                yield return y;
    }
}
