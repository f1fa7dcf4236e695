using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Decoding.Jpeg;
using ResNetFunctions.Tests.Inference;
using SixLabors.ImageSharp.Formats.Jpeg;
using SkiaSharp;
using SkiaDecoder = ResNetFunctions.Imaging.Decoding.SkiaDecoder;

namespace ResNetFunctions.Tests.Imaging.Decoding.Jpeg;

/// <summary>Against SkiaSharp's libjpeg-turbo: the same bytes, or no answer.</summary>
public sealed class BaselineJpegTests
{
    private static readonly SkiaDecoder Skia = new();

    public BaselineJpegTests() =>
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx2.IsSupported, "Skipped: this processor has no AVX2, so SkiaSharp decodes.");

    [Theory]
    [InlineData(JpegColorType.YCbCrRatio444)]
    [InlineData(JpegColorType.YCbCrRatio422)]
    [InlineData(JpegColorType.YCbCrRatio420)]
    public void Decode_EachSizeAndQuality_IsSkiasInEveryByte(JpegColorType color)
    {
        foreach (int quality in new[] { 1, 30, 75, 92, 100 })
        {
            var encoder = new JpegEncoder { Quality = quality, ColorType = color };
            for (int i = 0; i < 40; i++)
                AssertSame(TestImages.Encode(encoder, 16 + (i * 3), 16 + (i * 7 % 41)));
        }
    }

    [Fact]
    public void Decode_NoisyPicture_IsSkiasInEveryByte()
    {
        var random = new Random(1);
        foreach (int quality in new[] { 50, 85, 100 })
        {
            using var bitmap = new SKBitmap(new SKImageInfo(211, 157, SKColorType.Rgba8888, SKAlphaType.Opaque));
            random.NextBytes(bitmap.GetPixelSpan());
            using SKData file = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
            AssertSame(file.ToArray());
        }
    }

    [Fact]
    public void Decode_SharedPhotos_AreSkiasInEveryByteAndFewAreLeftToIt()
    {
        int decoded = 0, photos = 0;
        foreach (string path in Directory.EnumerateFiles(SharedFolder.PathOf("photos")))
        {
            photos++;
            decoded += Compare(File.ReadAllBytes(path)) ? 1 : 0;
        }
        Assert.InRange(decoded, photos * 9 / 10, photos);
    }

    [Fact]
    public void Decode_RestartMarkers_IsSkiasInEveryByte() => AssertSame(RestartJpeg.Encode(67, 45, interval: 3));

    [Fact]
    public void Decode_RestartMarkersOutOfOrder_IsLeftToSkia()
    {
        byte[] file = RestartJpeg.Encode(67, 45, interval: 3);
        int marker = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD1]);
        file[marker + 1] = 0xD2;

        Assert.Null(Decode(file));
    }

    // Whatever is wrong with a file, it is answered as SkiaSharp alone would.
    [Fact]
    public void Decode_DamagedFiles_AreSkiasOrLeftToIt()
    {
        var random = new Random(2);
        byte[][] files =
        [
            TestImages.Encode(new JpegEncoder { Quality = 80, ColorType = JpegColorType.YCbCrRatio420 }, 61, 47),
            TestImages.Encode(new JpegEncoder { Quality = 95, ColorType = JpegColorType.YCbCrRatio444 }, 40, 33),
            RestartJpeg.Encode(50, 30, interval: 2),
        ];
        int decoded = 0;
        for (int i = 0; i < 6000; i++)
        {
            byte[] damaged = [.. files[i % files.Length]];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(2, damaged.Length)] = (byte)random.Next(256);
            if (i % 5 == 0)
                damaged = damaged[..random.Next(2, damaged.Length)];
            decoded += Compare(damaged) ? 1 : 0;
        }
        Assert.InRange(decoded, 100, 6000);
    }

    [Fact]
    public void Decode_ProgressiveOrGrey_IsLeftToSkia()
    {
        byte[] grey = TestImages.Encode(new JpegEncoder { ColorType = JpegColorType.Luminance }, 40, 40);

        Assert.Null(Decode(grey));
    }

    private static void AssertSame(byte[] file) => Assert.True(Compare(file), "It was left to SkiaSharp.");

    private static PixelBuffer? Decode(byte[] file)
    {
        ImageHeader header = ImageHeader.Read(file);
        return BaselineJpeg.Decode(file, header, header.Whole);
    }

    // Whether it was decoded; if so, to Skia's pixels.
    private static bool Compare(byte[] file)
    {
        ImageHeader header;
        try
        {
            header = ImageHeader.Read(file);
            header.ThrowIfOver(1 << 24);
        }
        catch (RejectedException)
        {
            return false;
        }
        using PixelBuffer? own = Decode(file);
        if (own is null)
            return false;
        using PixelBuffer theirs = Skia.DecodeWithSkia(file, header);
        AssertSame(own, theirs, header.Whole);

        var random = new Random(file.Length);
        for (int i = 0; i < 4; i++)
        {
            int left = random.Next(header.Width), top = random.Next(header.Height);
            var wanted = new PixelRegion(left, top, random.Next(left, header.Width) + 1, random.Next(top, header.Height) + 1);
            using PixelBuffer? part = BaselineJpeg.Decode(file, header, wanted);
            Assert.NotNull(part);
            AssertSame(part, theirs, wanted);
        }
        return true;
    }

    private static void AssertSame(PixelBuffer own, PixelBuffer theirs, PixelRegion region)
    {
        for (int y = region.Top; y < region.Bottom; y++)
        {
            Span<byte> row = theirs.Row(y)[(region.Left * PixelBuffer.BytesPerPixel)..(region.Right * PixelBuffer.BytesPerPixel)];
            Assert.True(own.Row(y).SequenceEqual(row), $"{region} of {theirs.Width} x {theirs.Height} differs in row {y}.");
        }
    }
}
