using System.Buffers.Binary;

namespace ResNetFunctions.Inference.Decoding;

/// <summary>Reads the size from a BMP file's BITMAPCOREHEADER, BITMAPINFOHEADER or one of its successors.</summary>
internal static class BmpHeader
{
    private const int FileHeaderSize = 14, CoreHeaderSize = 12, InfoHeaderSize = 40;

    /// <summary>Whether a known header follows the two letters: many texts begin with BM.</summary>
    public static bool IsBmp(ReadOnlySpan<byte> image) =>
        image.Length >= FileHeaderSize + 4
        && BinaryPrimitives.ReadUInt32LittleEndian(image[FileHeaderSize..])
            is CoreHeaderSize or InfoHeaderSize or 52 or 56 or 64 or 108 or 124;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        var header = image[FileHeaderSize..];
        var size = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (header.Length < size)
            throw ImageErrors.CutOff(ImageFormat.Bmp);
        if (size == CoreHeaderSize)
            return new ImageHeader(
                ImageFormat.Bmp,
                BinaryPrimitives.ReadUInt16LittleEndian(header[4..]),
                BinaryPrimitives.ReadUInt16LittleEndian(header[6..]),
                Orientation.TopLeft);

        var width = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        var height = BinaryPrimitives.ReadInt32LittleEndian(header[8..]); // negative: rows from the top down
        if (width < 0 || height == int.MinValue)
            throw ImageErrors.Damaged(ImageFormat.Bmp);
        return new ImageHeader(ImageFormat.Bmp, width, Math.Abs(height), Orientation.TopLeft);
    }
}
