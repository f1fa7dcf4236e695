using System.Buffers.Binary;

namespace ResNetFunctions.Inference.Decoding;

/// <summary>Reads the size of a GIF file's logical screen.</summary>
internal static class GifHeader
{
    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        if (image.Length < 13)
            throw ImageErrors.CutOff(ImageFormat.Gif);
        return new ImageHeader(
            ImageFormat.Gif,
            BinaryPrimitives.ReadUInt16LittleEndian(image[6..]),
            BinaryPrimitives.ReadUInt16LittleEndian(image[8..]),
            Orientation.TopLeft);
    }
}
