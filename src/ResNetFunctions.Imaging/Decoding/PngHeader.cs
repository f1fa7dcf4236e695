using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>A PNG file's IHDR chunk, and the orientation in its eXIf chunk, if any.</summary>
internal readonly record struct PngHeader(
    int Width, int Height, int BitDepth, int Channels, bool Interlaced, Orientation Orientation)
{
    public static PngHeader Read(ReadOnlySpan<byte> image)
    {
        var chunks = image[PngChunk.Signature.Length..];
        var first = PngChunk.Take(ref chunks);
        if (!first.Is("IHDR"u8) || first.Data.Length != 13)
            throw ImageErrors.Damaged(ImageFormat.Png);
        var header = ReadHeader(first.Data);
        while (true)
        {
            var chunk = PngChunk.Take(ref chunks);
            if (chunk.Is("eXIf"u8))
                header = header with { Orientation = ExifOrientation.Read(chunk.Data) };
            else if (chunk.Is("IEND"u8))
                return header;
        }
    }

    private static PngHeader ReadHeader(ReadOnlySpan<byte> data)
    {
        var width = BinaryPrimitives.ReadUInt32BigEndian(data);
        var height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        var channels = data[9] switch { 0 => 1, 2 => 3, 3 => 1, 4 => 2, 6 => 4, _ => 0 };
        if (width > int.MaxValue || height > int.MaxValue || channels == 0)
            throw ImageErrors.Damaged(ImageFormat.Png);
        return new PngHeader((int)width, (int)height, data[8], channels, data[12] != 0, Orientation.TopLeft);
    }
}
