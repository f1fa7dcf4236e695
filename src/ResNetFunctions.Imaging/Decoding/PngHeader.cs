using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>A PNG file's IHDR chunk, its orientation (eXIf), and what is unusual about its other chunks.</summary>
internal readonly record struct PngHeader(
    int Width, int Height, int BitDepth, int Channels, bool Interlaced, Orientation Orientation)
{
    public bool IsPalette { get; private init; }

    /// <summary>The number of colours in the palette.</summary>
    public int Colors { get; private init; }

    /// <summary>Whether a data chunk has fewer than two bytes.</summary>
    public bool HasTinyData { get; private init; }

    public static PngHeader Read(ReadOnlySpan<byte> image)
    {
        var chunks = image[PngChunk.Signature.Length..];
        var first = PngChunk.Take(ref chunks);
        if (!first.Is("IHDR"u8) || first.Data.Length != 13)
            throw ImageErrors.Damaged(ImageFormat.Png);
        var header = ReadHeader(first.Data);
        var hasData = false;
        while (true)
        {
            if (hasData && chunks.Length < PngChunk.Overhead)
                throw ImageErrors.Corrupt("The PNG file is cut off behind its data: its last chunk, IEND, is missing.");
            var chunk = PngChunk.Take(ref chunks);
            if (chunk.Is("IDAT"u8))
            {
                hasData = true;
                if (chunk.Data.Length < 2)
                    header = header with { HasTinyData = true };
            }
            else if (chunk.Is("PLTE"u8) && !hasData)
            {
                header = header with { Colors = chunk.Data.Length / 3 };
            }
            else if (chunk.Is("eXIf"u8))
            {
                header = header with { Orientation = ExifOrientation.Read(chunk.Data) };
            }
            else if (chunk.Is("IEND"u8))
            {
                return hasData ? header : throw ImageErrors.Damaged(ImageFormat.Png);
            }
        }
    }

    private static PngHeader ReadHeader(ReadOnlySpan<byte> data)
    {
        var width = BinaryPrimitives.ReadUInt32BigEndian(data);
        var height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        var channels = (data[9], data[8]) switch
        {
            (0, 1 or 2 or 4 or 8 or 16) => 1,
            (2, 8 or 16) => 3,
            (3, 1 or 2 or 4 or 8) => 1,
            (4, 8 or 16) => 2,
            (6, 8 or 16) => 4,
            _ => 0, // PNG specification, 11.2.1: no such colour type, or not with so many bits.
        };
        if (width > int.MaxValue || height > int.MaxValue || channels == 0)
            throw ImageErrors.Damaged(ImageFormat.Png);
        return new PngHeader((int)width, (int)height, data[8], channels, data[12] != 0, Orientation.TopLeft) { IsPalette = data[9] == 3 };
    }
}
