using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Finds the orientation in an EXIF block, which is a small TIFF file, in every integer type that Pillow accepts.
/// Malformed data counts as absent.</summary>
internal static class ExifOrientation
{
    private const ushort OrientationTag = 0x0112, Short = 3, Long = 4, Rational = 5, SignedShort = 8, SignedLong = 9;
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
        uint value = 0; // of a tag that comes twice the last, as in Pillow
        for (var i = 0; i < count; i++)
        {
            var entry = entries.Slice(i * EntrySize, EntrySize);
            if (UInt16(entry) == OrientationTag)
                value = ValueOf(tiff, UInt16(entry[2..]), entry[8..]);
        }
        return value is >= 1 and <= 8 ? (Orientation)value : Orientation.TopLeft;

        // The standard says SHORT; programs write LONG and others too.
        uint ValueOf(ReadOnlySpan<byte> tiff, ushort type, ReadOnlySpan<byte> field) => type switch
        {
            Short or SignedShort => UInt16(field),
            Long or SignedLong => UInt32(field),
            Rational when UInt32(field) is var at && at <= tiff.Length - 8 && UInt32(tiff[((int)at + 4)..]) == 1 => UInt32(tiff[(int)at..]),
            _ => 0,
        };
        ushort UInt16(ReadOnlySpan<byte> at) =>
            bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
        uint UInt32(ReadOnlySpan<byte> at) =>
            bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);
    }
}
