using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Reads the size from a BMP file's BITMAPCOREHEADER, BITMAPINFOHEADER or one of its successors.</summary>
internal static class BmpHeader
{
    public const uint Rgb = 0, BitFields = 3, AlphaBitFields = 6;

    private const int FileHeaderSize = 14, CoreHeaderSize = 12, InfoHeaderSize = 40;

    /// <summary>Checks the header too, since many texts begin with BM.</summary>
    public static bool IsBmp(ReadOnlySpan<byte> image) =>
        image.Length >= FileHeaderSize + 4
        && BinaryPrimitives.ReadUInt32LittleEndian(image[FileHeaderSize..])
            is CoreHeaderSize or InfoHeaderSize or 52 or 56 or 64 or 108 or 124;

    public static int BitsPerPixel(ReadOnlySpan<byte> image) =>
        BinaryPrimitives.ReadUInt16LittleEndian(image[(FileHeaderSize + (IsCore(image) ? 10 : 14))..]);

    public static uint Compression(ReadOnlySpan<byte> image) =>
        IsCore(image) ? Rgb : BinaryPrimitives.ReadUInt32LittleEndian(image[(FileHeaderSize + 16)..]);

    public static bool IsTopDown(ReadOnlySpan<byte> image) =>
        !IsCore(image) && BinaryPrimitives.ReadInt32LittleEndian(image[(FileHeaderSize + 8)..]) < 0;

    public static int PixelsAt(ReadOnlySpan<byte> image) => BinaryPrimitives.ReadInt32LittleEndian(image[10..]);

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        var header = image[FileHeaderSize..];
        var size = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (header.Length < size)
            throw ImageErrors.CutOff(ImageFormat.Bmp);
        int width, height;
        if (size == CoreHeaderSize)
        {
            width = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]);
            height = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        }
        else
        {
            width = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
            height = BinaryPrimitives.ReadInt32LittleEndian(header[8..]); // negative: rows from the top down
            if (width < 0 || height == int.MinValue)
                throw ImageErrors.Damaged(ImageFormat.Bmp);
            height = Math.Abs(height);
        }

        // A decoder may leave missing rows black, so the length is checked here.
        var stride = (((long)width * BitsPerPixel(image)) + 31) / 32 * 4;
        if (Compression(image) is Rgb or BitFields or AlphaBitFields
            && BinaryPrimitives.ReadUInt32LittleEndian(image[10..]) + (stride * height) > image.Length)
            throw ImageErrors.CutOff(ImageFormat.Bmp);
        return new ImageHeader(ImageFormat.Bmp, width, height, Orientation.TopLeft);
    }

    private static bool IsCore(ReadOnlySpan<byte> image) =>
        BinaryPrimitives.ReadInt32LittleEndian(image[FileHeaderSize..]) == CoreHeaderSize;
}
