using ResNetFunctions.Imaging.Decoding;
using SkiaSharp;

namespace ResNetFunctions.Benchmarks;

/// <summary>A picture of a photo's size, drawn here: 500 x 375 pixels, about 100 kB.</summary>
internal static class Photo
{
    public static byte[] Jpeg()
    {
        var random = new Random(1);
        using var bitmap = new SKBitmap(new SKImageInfo(500, 375, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i / 4 % 500, y = i / 2000;
            double wave = Math.Sin(x * 0.05 * (1 + (i % 4))) + Math.Cos(y * 0.07);
            pixels[i] = (byte)Math.Clamp(128 + (wave * 50) + random.Next(-12, 13), 0, 255);
        }
        using SKData file = bitmap.Encode(SKEncodedImageFormat.Jpeg, 92);
        return file.ToArray();
    }

    public static PixelBuffer Pixels()
    {
        byte[] jpeg = Jpeg();
        return new SkiaDecoder().DecodeWithSkia(jpeg, ImageHeader.Read(jpeg));
    }
}
