using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Tests.Inference;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;
using IImageDecoder = ResNetFunctions.Imaging.Decoding.IImageDecoder;

namespace ResNetFunctions.Tests.Imaging.Decoding;

/// <summary>Each decoder is the other's second opinion.</summary>
public sealed class DecoderTests
{
    private static readonly Dictionary<string, IImageEncoder> Lossless = new()
    {
        ["png"] = new PngEncoder { ColorType = PngColorType.Rgb },
        ["png-alpha"] = new PngEncoder { ColorType = PngColorType.RgbWithAlpha },
        ["png-grey"] = new PngEncoder { ColorType = PngColorType.Grayscale },
        ["png-palette"] = new PngEncoder { ColorType = PngColorType.Palette },
        ["png-interlaced"] = new PngEncoder { ColorType = PngColorType.Rgb, InterlaceMethod = PngInterlaceMode.Adam7 },
        ["png-16"] = new PngEncoder { ColorType = PngColorType.Rgb, BitDepth = PngBitDepth.Bit16 },
        ["webp"] = new WebpEncoder { FileFormat = WebpFileFormatType.Lossless },
        ["gif"] = new GifEncoder(),
        ["bmp"] = new BmpEncoder { BitsPerPixel = BmpBitsPerPixel.Pixel24 },
    };

    public static TheoryData<string> LosslessFormats() => [.. Lossless.Keys];

    [Theory]
    [MemberData(nameof(LosslessFormats))]
    public void Decode_LosslessFormat_BothGiveEveryByteAlike(string format)
    {
        byte[] file = TestImages.Encode(Lossless[format], 37, 23);

        Assert.Equal(Decoders.All[0].Rgb(file), Decoders.All[^1].Rgb(file));
    }

    [Theory]
    [InlineData("png")]
    [InlineData("png-interlaced")]
    [InlineData("png-16")]
    [InlineData("webp")]
    [InlineData("bmp")]
    public void Decode_LosslessFormat_GivesTheColoursThatWereStored(string format)
    {
        byte[] pixels = Decoders.All[0].Rgb(TestImages.Encode(Lossless[format], 37, 23));

        Assert.Equal([5, 9, 5 * 9], pixels[((9 * 37 * 3) + (5 * 3))..][..3]);
    }

    [Fact]
    public void Decode_Jpeg_BothAreNearlyAlike()
    {
        byte[] file = TestImages.Encode(new JpegEncoder { Quality = 95 }, 320, 240);

        double mean = Decoders.All[0].Rgb(file).Zip(Decoders.All[^1].Rgb(file), (a, b) => Math.Abs(a - b)).Average();

        Assert.InRange(mean, 0, 1);
    }

#if IMAGESHARP
    // A step of 1 of 255 is 0.017 to 0.018 in the tensor.
    [Fact]
    public void Decode_Photos_ImageSharpsTensorsAreNearSkias()
    {
        string[] photos = [.. Directory.EnumerateFiles(SharedFolder.PathOf("photos"), "*.JPEG").Order().Where((_, i) => i % 5 == 0)];
        var preprocessor = new Preprocessor(new InputSpec());
        double worstMean = 0, worst = 0;
        foreach (string photo in photos)
        {
            byte[] file = File.ReadAllBytes(photo);
            double[] distances = [.. Tensor(ImageDecoder.Skia, file).Zip(Tensor(ImageDecoder.ImageSharp, file), (a, b) => (double)Math.Abs(a - b))];
            worstMean = Math.Max(worstMean, distances.Average());
            worst = Math.Max(worst, distances.Max());
        }

        TestContext.Current.SendDiagnosticMessage($"{photos.Length} photos: at most {worstMean:g3} on average, {worst:g3} anywhere");
        Assert.Equal(40, photos.Length);
        Assert.InRange(worstMean, 0, 0.02);
        Assert.InRange(worst, 0, 0.5);

        float[] Tensor(ImageDecoder decoder, byte[] image)
        {
            float[] tensor = new float[preprocessor.TensorLength];
            using PixelBuffer pixels = Decoders.Create(decoder).Decode(image);
            preprocessor.Run(pixels, Orientation.TopLeft, tensor);
            return tensor;
        }
    }
#endif

    [Fact]
    public void Decode_TransparentPixel_KeepsItsColour()
    {
        using var image = new Image<Rgba32>(8, 8, new Rgba32(200, 100, 50, 0));
        using var file = new MemoryStream();
        image.SaveAsPng(file, new PngEncoder { ColorType = PngColorType.RgbWithAlpha, TransparentColorMode = PngTransparentColorMode.Preserve });

        foreach (IImageDecoder decoder in Decoders.All)
            Assert.Equal([200, 100, 50], decoder.Rgb(file.ToArray())[..3]);
    }

    [Theory]
    [MemberData(nameof(LosslessFormats))]
    public void Decode_CutAtEachTenth_IsCorrupt(string format)
    {
        byte[] file = TestImages.Encode(Lossless[format], 64, 48);

        foreach (IImageDecoder decoder in Decoders.All)
        {
            for (int tenth = 1; tenth < 10; tenth++)
            {
                var e = Assert.Throws<RejectedException>(() => decoder.Rgb(file[..(file.Length * tenth / 10)]));
                Assert.Contains(e.Code, (string[])[ErrorCode.CorruptImage, ErrorCode.UnsupportedFormat]);
            }
        }
    }

    [Fact]
    public void Decode_DamagedPngData_IsCorrupt()
    {
        byte[] file = TestImages.Encode(Lossless["png"], 64, 48);
        file[file.Length / 2] ^= 0x55;

        foreach (IImageDecoder decoder in Decoders.All)
            Assert.Equal(ErrorCode.CorruptImage, Assert.Throws<RejectedException>(() => decoder.Rgb(file)).Code);
    }

    [Fact]
    public void Read_PngWithoutItsLastChunk_SaysThatItIsMissing()
    {
        byte[] file = TestImages.Encode(Lossless["png"], 64, 48);

        foreach (int cut in (int[])[12, 11, 1])
        {
            var e = Assert.Throws<RejectedException>(() => ImageHeader.Read(file.AsSpan(..^cut)));
            Assert.Equal((ErrorCode.CorruptImage, "The PNG file is cut off behind its data: its last chunk, IEND, is missing."), (e.Code, e.Message));
        }
    }

    [Theory]
    [InlineData(0xC3, "Lossless")]
    [InlineData(0xC5, "Hierarchical")]
    [InlineData(0xC9, "Arithmetic-coded")]
    [InlineData(0xCA, "Arithmetic-coded")]
    [InlineData(0xCB, "Lossless")]
    [InlineData(0xCF, "Hierarchical")]
    public void Read_JpegOfAnotherProcess_SaysWhich(byte marker, string kind)
    {
        byte[] file = [.. TestImages.Jpeg];
        file[file.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]) + 1] = marker;

        var e = Assert.Throws<RejectedException>(() => ImageHeader.Read(file));

        Assert.Equal(
            (ErrorCode.UnsupportedFormat, $"{kind} JPEG is not supported; baseline and progressive with Huffman codes are."), (e.Code, e.Message));
    }

    [Fact]
    public void Read_EachExifOrientation_IsFound()
    {
        for (ushort value = 1; value <= 8; value++)
        {
            using var image = new Image<Rgb24>(8, 4);
            image.Metadata.ExifProfile = new ExifProfile();
            image.Metadata.ExifProfile.SetValue(ExifTag.Orientation, value);
            using var file = new MemoryStream();
            image.SaveAsJpeg(file);

            Assert.Equal((Orientation)value, ImageHeader.Read(file.ToArray()).Orientation);
        }
    }
}
