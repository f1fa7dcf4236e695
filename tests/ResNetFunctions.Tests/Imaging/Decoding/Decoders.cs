using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Tests.Imaging.Decoding;

/// <summary>The decoders of this build.</summary>
internal static class Decoders
{
    public static TheoryData<ImageDecoder> Names =>
#if IMAGESHARP
        [ImageDecoder.Skia, ImageDecoder.ImageSharp];
#else
        [ImageDecoder.Skia];
#endif

    public static IImageDecoder[] All => [.. Names.Select(row => Create(row.Data))];

    public static IImageDecoder Create(ImageDecoder decoder) =>
        new ClassifierOptions { Decoder = decoder }.CreateDecoder();

    public static PixelBuffer Decode(this IImageDecoder decoder, byte[] file)
    {
        ImageHeader header = ImageHeader.Read(file);
        return decoder.Decode(file, header, header.Whole);
    }

    /// <summary>A file's pixels: red, green, blue of each, row by row.</summary>
    public static byte[] Rgb(this IImageDecoder decoder, byte[] file)
    {
        using PixelBuffer pixels = decoder.Decode(file);
        byte[] rgb = new byte[pixels.Width * pixels.Height * 3];
        for (int i = 0; i < pixels.Width * pixels.Height; i++)
            pixels.Row(i / pixels.Width).Slice(i % pixels.Width * PixelBuffer.BytesPerPixel, 3).CopyTo(rgb.AsSpan(i * 3));
        return rgb;
    }
}
