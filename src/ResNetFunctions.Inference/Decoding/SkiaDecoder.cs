using SkiaSharp;

namespace ResNetFunctions.Inference.Decoding;

/// <summary>SkiaSharp's decoders. Their JPEG is libjpeg-turbo's, equal to Pillow's in every byte.</summary>
/// <param name="fast">Decode large JPEG files at a smaller scale: see <see cref="ClassifierOptions.FastDecode"/>.</param>
internal sealed class SkiaDecoder(bool fast = false) : IImageDecoder
{
    // What is left to the resize is then still a reduction to half or less, to torchvision's 256 pixels.
    private const int FastShortSide = 512;

    public unsafe PixelBuffer Decode(ReadOnlyMemory<byte> image, in ImageHeader header)
    {
        if (header.Format == ImageFormat.Gif)
            return GifDecoder.Decode(image.Span);

        using var pin = image.Pin();
        using var data = SKData.Create((nint)pin.Pointer, image.Length); // refers to the bytes, copies none
        using var codec = SKCodec.Create(data) ?? throw ImageErrors.Damaged(header.Format);
        if (codec.Info.Width != header.Width || codec.Info.Height != header.Height)
            throw ImageErrors.Damaged(header.Format);

        // No colour space: colours as stored. Unpremultiplied: the colours below transparent pixels survive.
        var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        var (width, height) = fast && header.Format == ImageFormat.Jpeg ? Scaled(codec) : (header.Width, header.Height);
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

    // libjpeg-turbo computes smaller pictures from fewer frequencies of each 8 x 8 block, in eighths of the size.
    private static (int Width, int Height) Scaled(SKCodec codec)
    {
        var shortSide = Math.Min(codec.Info.Width, codec.Info.Height);
        for (var eighths = 1; eighths < 8; eighths++)
        {
            var size = codec.GetScaledDimensions(eighths / 8f);
            if (Math.Min(size.Width, size.Height) >= Math.Min(FastShortSide, shortSide))
                return (size.Width, size.Height);
        }
        return (codec.Info.Width, codec.Info.Height);
    }
}
