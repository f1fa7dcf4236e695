using SkiaSharp;

namespace ResNetFunctions.Cli.Bench;

/// <summary>Generated pictures with a photo's size and detail, and variants of a picture.</summary>
internal static class BenchPictures
{
    private const int Drawn = 8, Width = 500, Height = 375;

    public static List<byte[]> Generate() => [.. Enumerable.Range(0, Drawn).Select(Draw)];

    /// <summary>The same picture in other bytes, so that no server can answer from a cache: a JPEG gets a comment, other
    /// formats get bytes at the end.</summary>
    public static (byte[] Head, ReadOnlyMemory<byte> Tail) Vary(byte[] picture, long number)
    {
        byte[] digits = BitConverter.GetBytes(number);
        return picture is [0xFF, 0xD8, ..]
            ? ([0xFF, 0xD8, 0xFF, 0xFE, 0, (byte)(digits.Length + 2), .. digits], picture.AsMemory(2))
            : ([.. picture, .. digits], default);
    }

    // Smooth light, edges and some noise.
    private static byte[] Draw(int seed)
    {
        var random = new Random(seed);
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            using var light = new SKPaint
            {
                Shader = SKShader.CreateLinearGradient(
                    new SKPoint(0, 0), new SKPoint(Width, Height), [Colour(), Colour(), Colour()], SKShaderTileMode.Clamp),
            };
            canvas.DrawPaint(light);
            for (int shape = 0; shape < 60; shape++)
            {
                using var paint = new SKPaint { Color = Colour(), IsAntialias = true };
                canvas.DrawOval(random.Next(Width), random.Next(Height), random.Next(5, 60), random.Next(5, 60), paint);
            }
        }
        Span<byte> pixels = bitmap.GetPixelSpan();
        foreach (ref byte channel in pixels)
            channel = (byte)Math.Clamp(channel + random.Next(-8, 9), 0, 255);
        using SKData file = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return file.ToArray();

        SKColor Colour() => new((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
    }
}
