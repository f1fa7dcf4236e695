using System.IO.Hashing;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.PixelFormats;

namespace ResNetFunctions.Tests.Inference;

/// <summary>Pictures that tests send.</summary>
internal static class TestImages
{
    public static byte[] Jpeg { get; } = Encode(new JpegEncoder(), 320, 240);

    /// <summary>A PNG of one colour.</summary>
    public static byte[] Plain(byte red, byte green, byte blue)
    {
        using var image = new Image<Rgb24>(16, 12, new Rgb24(red, green, blue));
        using var file = new MemoryStream();
        image.Save(file, new PngEncoder());
        return file.ToArray();
    }

    public static byte[] Encode(IImageEncoder encoder, int width, int height)
    {
        using var image = new Image<Rgb24>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                image[x, y] = new Rgb24((byte)x, (byte)y, (byte)(x * y));
        }
        using var file = new MemoryStream();
        image.Save(file, encoder);
        return file.ToArray();
    }

    /// <summary>50,000 x 50,000 RGB pixels in a few kB; as RGBX they would be 10 GB.</summary>
    public static byte[] HugePng { get; } =
    [
        0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n',
        .. Chunk([.. "IHDR"u8, 0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50, 8, 2, 0, 0, 0]),
        .. Chunk([.. "IDAT"u8, .. new byte[4000]]),
        .. Chunk([.. "IEND"u8]),
    ];

    private static byte[] Chunk(byte[] typeAndData)
    {
        byte[] checksum = Crc32.Hash(typeAndData);
        Array.Reverse(checksum);
        int length = typeAndData.Length - 4;
        return [0, 0, (byte)(length >> 8), (byte)length, .. typeAndData, .. checksum];
    }
}
