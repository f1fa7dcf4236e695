using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace ResNetFunctions.Tests.ModelTools.Training;

/// <summary>Folders of small noisy pictures, a colour each.</summary>
internal static class ColourPhotos
{
    private static readonly Rgb24[] Colours = [new(190, 90, 80), new(80, 180, 90), new(90, 80, 190), new(180, 170, 70)];

    /// <summary>Writes some photos of the first classes.</summary>
    public static void Write(string folder, int each, params string[] classes)
    {
        for (int c = 0; c < classes.Length; c++)
        {
            Directory.CreateDirectory(Path.Combine(folder, classes[c]));
            for (int i = 0; i < each; i++)
                File.WriteAllBytes(Path.Combine(folder, classes[c], $"{i:D3}.png"), Photo(c, i));
        }
    }

    public static byte[] Photo(int colour, int seed)
    {
        var random = new Random((colour * 1000) + seed);
        using var image = new Image<Rgb24>(24 + random.Next(9), 24 + random.Next(9));
        (int red, int green, int blue) = (Shift(Colours[colour].R), Shift(Colours[colour].G), Shift(Colours[colour].B));
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
                image[x, y] = new Rgb24(Noisy(red), Noisy(green), Noisy(blue));
        }
        using var file = new MemoryStream();
        image.SaveAsPng(file);
        return file.ToArray();

        int Shift(byte value) => value + random.Next(-70, 71);

        byte Noisy(int value) => (byte)Math.Clamp(value + random.Next(-20, 21), 0, 255);
    }
}
