using SkiaSharp;

namespace ResNetFunctions.EndToEnd.Page;

/// <summary>Pictures that the tests draw themselves, as files.</summary>
internal static class Pictures
{
    public static string Jpeg(string name, int width = 320, int height = 240) =>
        Draw(name, width, height, SKEncodedImageFormat.Jpeg);

    public static string Png(string name, int width = 320, int height = 240) =>
        Draw(name, width, height, SKEncodedImageFormat.Png);

    /// <summary>A PNG of random pixels: any JPEG of it is smaller.</summary>
    public static string Noise(string name, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        new Random(1).NextBytes(bitmap.GetPixelSpan());
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return TemporaryFiles.Write(name, data.ToArray());
    }

    /// <summary>A JPEG that ends in its middle.</summary>
    public static string Broken(string name)
    {
        byte[] whole = File.ReadAllBytes(Jpeg($"whole-{name}"));
        return TemporaryFiles.Write(name, whole[..(whole.Length / 2)]);
    }

    public static string Text(string name) => TemporaryFiles.Write(name, "No picture at all."u8.ToArray());

    /// <summary>Discs of one colour, at places that the number gives.</summary>
    public static string Discs(string name, SKColor colour, int number)
    {
        var random = new Random(number);
        using var surface = SKSurface.Create(new SKImageInfo(280, 240));
        using var paint = new SKPaint { IsAntialias = true, Color = colour };
        surface.Canvas.Clear(new SKColor(0xEE, 0xEE, (byte)random.Next(200, 256)));
        for (int disc = 0; disc < 5; disc++)
            surface.Canvas.DrawCircle(random.Next(280), random.Next(240), random.Next(20, 70), paint);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Jpeg, 90);
        return TemporaryFiles.Write(name, data.ToArray());
    }

    private static string Draw(string name, int width, int height, SKEncodedImageFormat format)
    {
        using var surface = SKSurface.Create(new SKImageInfo(width, height));
        using var paint = new SKPaint { IsAntialias = true, Color = new SKColor(0xE4, 0x7A, 0x2E) };
        surface.Canvas.Clear(new SKColor(0x6F, 0xA8, 0xDC));
        surface.Canvas.DrawCircle(width / 2f, height / 2f, Math.Min(width, height) / 3f, paint);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(format, 90);
        return TemporaryFiles.Write(name, data.ToArray());
    }
}
