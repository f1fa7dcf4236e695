using System.Buffers.Binary;

namespace ResNetFunctions.Fuzz.Images;

/// <summary>Hostile changes particular to WebP.</summary>
internal static class WebP
{
    /// <summary>Writes a size into the canvas and the picture's own header.</summary>
    public static void WriteSize(Span<byte> webp, int width, int height)
    {
        int canvas = webp.IndexOf("VP8X"u8);
        if (canvas > 0)
        {
            WriteUInt24(webp[(canvas + 12)..], width - 1);
            WriteUInt24(webp[(canvas + 15)..], height - 1);
        }
        int lossy = webp.IndexOf("VP8 "u8);
        if (lossy > 0)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(webp[(lossy + 14)..], (ushort)(width & 0x3FFF));
            BinaryPrimitives.WriteUInt16LittleEndian(webp[(lossy + 16)..], (ushort)(height & 0x3FFF));
        }
        int lossless = webp.IndexOf("VP8L"u8);
        if (lossless > 0)
        {
            uint size = ((uint)(width - 1) & 0x3FFF) | (((uint)(height - 1) & 0x3FFF) << 14);
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(webp[(lossless + 9)..]) & 0xF000_0000;
            BinaryPrimitives.WriteUInt32LittleEndian(webp[(lossless + 9)..], flags | size);
        }
    }

    /// <summary>Megabytes of profile, EXIF or XMP after the picture.</summary>
    public static byte[] HugeMetadata(Random random)
    {
        byte[] webp = Corpus.Pick(random, "webp-exif");
        byte[] chunk = new byte[8 + (random.Next(1, 10) << 20)];
        (random.Next(3) switch { 0 => "ICCP"u8, 1 => "EXIF"u8, _ => "XMP "u8 }).CopyTo(chunk);
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), chunk.Length - 8);
        byte[] huge = [.. webp, .. chunk];
        BinaryPrimitives.WriteInt32LittleEndian(huge.AsSpan(4), huge.Length - 8);
        return huge;
    }

    private static void WriteUInt24(Span<byte> bytes, int value)
    {
        bytes[0] = (byte)value;
        bytes[1] = (byte)(value >> 8);
        bytes[2] = (byte)(value >> 16);
    }
}
