using ResNetFunctions.Imaging.Decoding.Jpeg;
using SkiaSharp;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>SkiaSharp's decoders, and <see cref="BaselineJpeg"/> for plain JPEG files. Both give libjpeg-turbo's pixels,
/// equal to Pillow's in every byte.</summary>
/// <param name="fast">Decode large JPEG files at a smaller scale.</param>
internal sealed class SkiaDecoder(bool fast = false) : IImageDecoder
{
    // The resize to torchvision's 256 pixels is then still a reduction to half or less.
    private const int FastShortSide = 512;

    public PixelBuffer Decode(ReadOnlyMemory<byte> image, in ImageHeader header, in PixelRegion wanted) => header.Format switch
    {
        ImageFormat.Gif => GifDecoder.Decode(image.Span),
        ImageFormat.Bmp when BmpDecoder.Takes(image.Span) => BmpDecoder.Decode(image.Span, header),
        ImageFormat.Png => DecodeWithSkia(PlainPng.WithWholePalette(image, PngHeader.Read(image.Span)), header),
        ImageFormat.Jpeg when !(fast && IsLarge(header)) => BaselineJpeg.Decode(image.Span, header, wanted) ?? DecodeWithSkia(image, header),
        _ => DecodeWithSkia(image, header),
    };

    internal unsafe PixelBuffer DecodeWithSkia(ReadOnlyMemory<byte> image, in ImageHeader header)
    {
        using var pin = image.Pin();
        using var data = SKData.Create((nint)pin.Pointer, image.Length); // refers to the bytes, copies none
        using var codec = SKCodec.Create(data) ?? throw ImageErrors.Damaged(header.Format);
        if (codec.Info.Width != header.Width || codec.Info.Height != header.Height)
            throw ImageErrors.Damaged(header.Format);

        // No colour space and unpremultiplied: colours as stored, also below transparent pixels.
        var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        var (width, height) = fast && header.Format == ImageFormat.Jpeg && IsLarge(header) ? Scaled(codec) : (header.Width, header.Height);
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, alpha, colorspace: null);
        var pixels = new PixelBuffer(width, height);
        try
        {
            var result = codec.GetPixels(info, (nint)pixels.Pointer, (int)pixels.Stride, SKCodecOptions.Default);
            return result switch
            {
                SKCodecResult.Success => pixels,
                SKCodecResult.IncompleteInput => throw ImageErrors.CutOff(header.Format),
                _ => throw ImageErrors.Damaged(header.Format),
            };
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    // libjpeg-turbo computes smaller pictures from fewer frequencies of each block, in eighths of the size, rounded up.
    private static bool IsLarge(in ImageHeader header) => ((7L * Math.Min(header.Width, header.Height)) + 7) / 8 >= FastShortSide;

    private static (int Width, int Height) Scaled(SKCodec codec)
    {
        for (var eighths = 1; ; eighths++)
        {
            var size = codec.GetScaledDimensions(eighths / 8f);
            if (eighths == 7 || Math.Min(size.Width, size.Height) >= FastShortSide)
                return (size.Width, size.Height);
        }
    }
}
