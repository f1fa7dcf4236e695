using System.Buffers.Binary;

namespace ResNetFunctions.Inference.Decoding;

/// <summary>Walks a PNG file's chunks: IHDR has the size, eXIf (if any) the orientation.</summary>
internal static class PngHeader
{
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        var rest = image[Signature.Length..];
        var header = Next(ref rest, out var type);
        if (!type.SequenceEqual("IHDR"u8) || header.Length != 13)
            throw ImageErrors.Damaged(ImageFormat.Png);
        var width = BinaryPrimitives.ReadUInt32BigEndian(header);
        var height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (width > int.MaxValue || height > int.MaxValue)
            throw ImageErrors.Damaged(ImageFormat.Png);

        var orientation = Orientation.TopLeft;
        while (true)
        {
            var chunk = Next(ref rest, out type);
            if (type.SequenceEqual("eXIf"u8))
                orientation = ExifOrientation.Read(chunk);
            else if (type.SequenceEqual("IEND"u8))
                return new ImageHeader(ImageFormat.Png, (int)width, (int)height, orientation);
        }
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> type)
    {
        const int Around = 12; // length, type, CRC
        if (rest.Length < Around || BinaryPrimitives.ReadUInt32BigEndian(rest) > rest.Length - Around)
            throw ImageErrors.CutOff(ImageFormat.Png);
        var length = BinaryPrimitives.ReadInt32BigEndian(rest);
        type = rest.Slice(4, 4);
        var data = rest.Slice(8, length);
        rest = rest[(Around + length)..];
        return data;
    }
}
