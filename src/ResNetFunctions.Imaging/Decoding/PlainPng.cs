using System.Buffers.Binary;
using System.IO.Hashing;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Rewrites a PNG file that Pillow accepts and another decoder does not.</summary>
internal static class PlainPng
{
    /// <summary>Adds the missing colours of a palette: as in Pillow, an index beyond it is a grey. libpng takes black, and
    /// refuses an empty palette. Returns the file itself if its palette is complete.</summary>
    public static ReadOnlyMemory<byte> WithWholePalette(ReadOnlyMemory<byte> image, in PngHeader header)
    {
        var count = header.IsPalette ? 1 << header.BitDepth : 0;
        if (header.Colors >= count)
            return image;
        var palette = new byte[3 * count];
        for (var i = 0; i < palette.Length; i++)
            palette[i] = (byte)(i / 3);
        PaletteOf(image.Span).CopyTo(palette);
        return Write(image.Span, palette, null);
    }

    // The last palette counts, as in Pillow.
    private static ReadOnlySpan<byte> PaletteOf(ReadOnlySpan<byte> image)
    {
        ReadOnlySpan<byte> colors = default;
        var chunks = image[PngChunk.Signature.Length..];
        for (var chunk = PngChunk.Take(ref chunks); !chunk.Is("IDAT"u8); chunk = PngChunk.Take(ref chunks))
            if (chunk.Is("PLTE"u8))
                colors = chunk.Data[..(chunk.Data.Length / 3 * 3)];
        return colors;
    }

    /// <summary>Copies the chunks, with a new palette or new data where given.</summary>
    public static ReadOnlyMemory<byte> Write(ReadOnlySpan<byte> image, byte[]? palette, byte[]? data, bool interlaced = true)
    {
        var file = new MemoryStream(image.Length + (palette?.Length ?? 0) + 64);
        file.Write(PngChunk.Signature);
        var chunks = image[PngChunk.Signature.Length..];
        byte[] header = PngChunk.Take(ref chunks).Data.ToArray();
        header[^1] &= (byte)(interlaced ? 1 : 0);
        WriteChunk(file, "IHDR"u8, header);
        if (palette is not null)
            WriteChunk(file, "PLTE"u8, palette);
        PngChunk chunk;
        do
        {
            chunk = PngChunk.Take(ref chunks);
            if (chunk.Is("IDAT"u8) && data is not null)
            {
                if (data.Length > 0)
                    WriteChunk(file, "IDAT"u8, data);
                data = [];
            }
            else if (!(chunk.Is("PLTE"u8) && palette is not null))
            {
                file.Write(chunk.Whole);
            }
        } while (!chunk.Is("IEND"u8));
        return file.GetBuffer().AsMemory(0, (int)file.Length);
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        var checksum = new Crc32();
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        checksum.Append(type);
        checksum.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        file.Write(number);
    }
}
