using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Finds the orientation in an EXIF block, a small TIFF file. Whatever is malformed counts as absent.</summary>
internal static class ExifOrientation
{
    private const ushort OrientationTag = 0x0112, Short = 3;
    private const int HeaderSize = 8, EntrySize = 12;

    public static Orientation Read(ReadOnlySpan<byte> tiff)
    {
        var bigEndian = tiff.StartsWith("MM\0*"u8);
        if ((!bigEndian && !tiff.StartsWith("II*\0"u8)) || tiff.Length < HeaderSize)
            return Orientation.TopLeft;

        var directory = UInt32(tiff[4..]);
        if (directory > tiff.Length - 2)
            return Orientation.TopLeft;
        var entries = tiff[((int)directory + 2)..];
        var count = Math.Min(UInt16(tiff[(int)directory..]), entries.Length / EntrySize);
        for (var i = 0; i < count; i++)
        {
            var entry = entries.Slice(i * EntrySize, EntrySize);
            if (UInt16(entry) == OrientationTag)
                return UInt16(entry[2..]) == Short && UInt16(entry[8..]) is >= 1 and <= 8 and var value
                    ? (Orientation)value
                    : Orientation.TopLeft;
        }
        return Orientation.TopLeft;

        ushort UInt16(ReadOnlySpan<byte> at) =>
            bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
        uint UInt32(ReadOnlySpan<byte> at) =>
            bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);
    }
}
