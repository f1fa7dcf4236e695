using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;

namespace ResNetFunctions.Tests.Imaging.Decoding;

public sealed class ImageHeaderTests
{
    // docs/reliability.md: of a JPEG of several scans 2.5 times its pixels, of PNG and WebP twice. By the formats' names.
    [Theory]
    [InlineData("Jpeg", 1, 1_000)]
    [InlineData("Jpeg", 2, 2_500)]
    [InlineData("Png", 1, 2_000)]
    [InlineData("WebP", 1, 2_000)]
    [InlineData("Gif", 1, 1_000)]
    [InlineData("Bmp", 1, 1_000)]
    public void PixelsToDecode_OfEachFormat_AreAsDocumented(string format, int scans, long pixels) =>
        Assert.Equal(pixels, new ImageHeader(Enum.Parse<ImageFormat>(format), 50, 20, Orientation.TopLeft, scans).PixelsToDecode);

    [Theory]
    [InlineData(64_000_000, 1, 1, false)]
    [InlineData(64_000_001, 1, 1, true)]
    [InlineData(64_000_000, 1, 32, false)]
    [InlineData(64_000_000, 1, 33, true)]
    [InlineData(8_000_000, 1, 256, false)]
    [InlineData(8_000_000, 1, 257, true)]
    [InlineData(1, 1, 31_250, false)] // 2^16 pixels count at least
    [InlineData(1, 1, 31_251, true)]
    public void ThrowIfOver_PixelsAndScans_AreBounded(int width, int height, int scans, bool isOver)
    {
        var header = new ImageHeader(ImageFormat.Jpeg, width, height, Orientation.TopLeft, scans);

        if (isOver)
            Assert.Equal(ErrorCode.TooManyPixels, Assert.Throws<RejectedException>(() => header.ThrowIfOver(64_000_000)).Code);
        else
            header.ThrowIfOver(64_000_000);
    }
}
