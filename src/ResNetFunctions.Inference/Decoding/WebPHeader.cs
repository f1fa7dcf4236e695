using System.Buffers.Binary;

namespace ResNetFunctions.Inference.Decoding;

/// <summary>Walks a WebP file's RIFF chunks (RFC 9649): VP8X, VP8L or VP8 has the size, EXIF the orientation.</summary>
internal static class WebPHeader
{
    private const int RiffHeaderSize = 12, ChunkHeaderSize = 8;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        var riffSize = BinaryPrimitives.ReadUInt32LittleEndian(image[4..]);
        if (riffSize < 4)
            throw ImageErrors.Damaged(ImageFormat.WebP);
        if (riffSize > image.Length - 8)
            throw ImageErrors.CutOff(ImageFormat.WebP);

        var rest = image[RiffHeaderSize..(int)(8 + riffSize)];
        var orientation = Orientation.TopLeft;
        (int Width, int Height)? size = null;
        while (rest.Length >= ChunkHeaderSize)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - ChunkHeaderSize)
                throw ImageErrors.CutOff(ImageFormat.WebP);
            var chunk = rest.Slice(ChunkHeaderSize, (int)length);
            size ??= SizeFrom(rest[..4], chunk);
            if (rest.StartsWith("EXIF"u8))
                orientation = ExifOrientation.Read(chunk.StartsWith("Exif\0\0"u8) ? chunk[6..] : chunk);
            rest = rest[(int)Math.Min(rest.Length, ChunkHeaderSize + length + (length & 1))..];
        }
        return size is var (width, height)
            ? new ImageHeader(ImageFormat.WebP, width, height, orientation)
            : throw ImageErrors.CutOff(ImageFormat.WebP);
    }

    private static (int Width, int Height)? SizeFrom(ReadOnlySpan<byte> type, ReadOnlySpan<byte> chunk)
    {
        if (type.SequenceEqual("VP8X"u8) && chunk.Length >= 10)
            return (1 + UInt24(chunk[4..]), 1 + UInt24(chunk[7..]));
        if (type.SequenceEqual("VP8L"u8) && chunk.Length >= 5 && chunk[0] == 0x2F)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(chunk[1..]);
            return (1 + (int)(bits & 0x3FFF), 1 + (int)((bits >> 14) & 0x3FFF));
        }
        if (type.SequenceEqual("VP8 "u8) && chunk.Length >= 10 && chunk[3..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
            return (BinaryPrimitives.ReadUInt16LittleEndian(chunk[6..]) & 0x3FFF,
                BinaryPrimitives.ReadUInt16LittleEndian(chunk[8..]) & 0x3FFF);
        return null;
    }

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}
