using System.Buffers.Binary;
using System.Numerics;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Decodes a BMP file with bit fields as Pillow does: a channel of n bits becomes value * 255 / (2^n - 1), rounded
/// down. SkiaSharp and ImageSharp round differently.</summary>
internal static class BmpDecoder
{
    private const int MasksAt = 14 + 40;

    /// <summary>Whether a file is decoded here: 16 bits a pixel, or 32 with masks, uncompressed.</summary>
    public static bool Takes(ReadOnlySpan<byte> image) => (BmpHeader.BitsPerPixel(image), BmpHeader.Compression(image))
        is (16, BmpHeader.Rgb) or (16 or 32, BmpHeader.BitFields or BmpHeader.AlphaBitFields);

    /// <param name="image">A file whose header was checked, so that all rows are there.</param>
    /// <param name="header">The header.</param>
    public static PixelBuffer Decode(ReadOnlySpan<byte> image, in ImageHeader header)
    {
        var hasMasks = BmpHeader.Compression(image) != BmpHeader.Rgb;
        if (hasMasks && image.Length < MasksAt + 12)
            throw ImageErrors.CutOff(ImageFormat.Bmp);
        var masks = hasMasks ? image.Slice(MasksAt, 12) : default;
        Span<byte> red = stackalloc byte[256], green = stackalloc byte[256], blue = stackalloc byte[256];
        var (redMask, redShift) = Widen(masks.IsEmpty ? 0x7C00 : BinaryPrimitives.ReadUInt32LittleEndian(masks), red);
        var (greenMask, greenShift) = Widen(masks.IsEmpty ? 0x03E0 : BinaryPrimitives.ReadUInt32LittleEndian(masks[4..]), green);
        var (blueMask, blueShift) = Widen(masks.IsEmpty ? 0x001F : BinaryPrimitives.ReadUInt32LittleEndian(masks[8..]), blue);

        var rows = image[BmpHeader.PixelsAt(image)..];
        var bytes = BmpHeader.BitsPerPixel(image) / 8;
        var stride = ((bytes * header.Width) + 3) / 4 * 4;
        var pixels = new PixelBuffer(header.Width, header.Height);
        for (var y = 0; y < header.Height; y++)
        {
            var source = rows.Slice((BmpHeader.IsTopDown(image) ? y : header.Height - 1 - y) * stride, bytes * header.Width);
            var target = pixels.Row(y);
            for (var x = 0; x < header.Width; x++)
            {
                var pixel = bytes == 2
                    ? BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * x)..])
                    : BinaryPrimitives.ReadUInt32LittleEndian(source[(4 * x)..]);
                target[4 * x] = red[(int)((pixel & redMask) >> redShift)];
                target[(4 * x) + 1] = green[(int)((pixel & greenMask) >> greenShift)];
                target[(4 * x) + 2] = blue[(int)((pixel & blueMask) >> blueShift)];
            }
        }
        return pixels;
    }

    // A channel's place, and its values as bytes. Of more than eight bits, the eight highest count.
    private static (uint Mask, int Shift) Widen(uint mask, Span<byte> values)
    {
        values.Clear();
        if (mask == 0)
            return (0, 0);
        var shift = Math.Max(BitOperations.TrailingZeroCount(mask), BitOperations.Log2(mask) - 7);
        var most = (int)(mask >> shift);
        for (var value = 0; value <= most; value++)
            values[value] = (byte)(value * 255 / most);
        return (mask, shift);
    }
}
