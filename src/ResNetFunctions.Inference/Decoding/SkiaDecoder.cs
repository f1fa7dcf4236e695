using SkiaSharp;

namespace ResNetFunctions.Inference.Decoding;

/// <summary>SkiaSharp's decoders. Their JPEG is libjpeg-turbo's, equal to Pillow's in every byte.</summary>
internal sealed class SkiaDecoder : IImageDecoder
{
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
        var info = new SKImageInfo(header.Width, header.Height, SKColorType.Rgba8888, alpha, colorspace: null);
        var pixels = new PixelBuffer(header.Width, header.Height);
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
}
