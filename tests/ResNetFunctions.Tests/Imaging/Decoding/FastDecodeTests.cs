using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Inference;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;

namespace ResNetFunctions.Tests.Imaging.Decoding;

public sealed class FastDecodeTests
{
    [Theory]
    [InlineData(1024, 1024, 512, 512)] // 4 eighths
    [InlineData(1023, 1023, 512, 512)] // 4 eighths, rounded up
    [InlineData(1022, 1022, 639, 639)] // 5 eighths: 4 would leave 511
    [InlineData(4096, 4096, 512, 512)] // 1 eighth
    [InlineData(6000, 520, 6000, 520)] // 7 eighths would leave 455
    [InlineData(600, 800, 525, 700)]
    [InlineData(512, 700, 512, 700)]
    [InlineData(500, 375, 500, 375)]
    [InlineData(1, 1, 1, 1)]
    public void Decode_JpegOfThisSize_HasAShortSideOfAtLeast512OrItsOwn(int width, int height, int wantedWidth, int wantedHeight)
    {
        byte[] file = TestImages.Encode(new JpegEncoder(), width, height);

        using PixelBuffer pixels = new SkiaDecoder(fast: true).Decode(file);

        Assert.Equal((wantedWidth, wantedHeight), (pixels.Width, pixels.Height));
    }

    [Fact]
    public void Decode_SmallJpegOrAnotherFormat_IsUnchanged()
    {
        foreach (byte[] file in new[] { TestImages.Jpeg, TestImages.Encode(new PngEncoder(), 1100, 1100) })
            Assert.Equal(Pixels(new SkiaDecoder(), file), Pixels(new SkiaDecoder(fast: true), file));
    }

    [Fact]
    public void Decode_CutOffLargeJpeg_IsCorrupt()
    {
        byte[] file = TestImages.Encode(new JpegEncoder(), 1100, 1100);

        Assert.Equal(
            ErrorCode.CorruptImage,
            Assert.Throws<RejectedException>(() => Pixels(new SkiaDecoder(fast: true), file[..(file.Length / 2)])).Code);
    }

    [Fact]
    public async Task ClassifyAsync_FastDecode_SaysTheSizeOfTheFile()
    {
        using var classifier = new Classifier(new ClassifierOptions { ModelsPath = SeededModels.Folder("squeezenet1_1"), DefaultModel = "squeezenet1_1", FastDecode = true });

        Classification answer = await classifier.ClassifyAsync(
            TestImages.Encode(new JpegEncoder(), 1200, 1100), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1200, 1100), (answer.Image.Width, answer.Image.Height));
    }

    private static byte[] Pixels(SkiaDecoder decoder, byte[] file)
    {
        using PixelBuffer pixels = decoder.Decode(file);
        return [.. Enumerable.Range(0, pixels.Height).SelectMany(y => pixels.Row(y).ToArray())];
    }
}
