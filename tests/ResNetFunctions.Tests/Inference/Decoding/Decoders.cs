using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Decoding;

namespace ResNetFunctions.Tests.Inference.Decoding;

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
        ImageDecoders.Create(new ClassifierOptions { Decoder = decoder });

    /// <summary>A file's pixels: red, green, blue of each, row by row.</summary>
    public static byte[] Rgb(this IImageDecoder decoder, byte[] file)
    {
        ImageHeader header = ImageHeader.Read(file);
        using PixelBuffer pixels = decoder.Decode(file, header);
        byte[] rgb = new byte[header.Width * header.Height * 3];
        for (int i = 0; i < header.Width * header.Height; i++)
            pixels.Row(i / header.Width).Slice(i % header.Width * PixelBuffer.BytesPerPixel, 3).CopyTo(rgb.AsSpan(i * 3));
        return rgb;
    }
}
