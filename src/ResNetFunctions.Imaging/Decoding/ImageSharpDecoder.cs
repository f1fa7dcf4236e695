using System.Runtime.InteropServices;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Advanced;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.PixelFormats;
using IImageSharpDecoder = SixLabors.ImageSharp.Formats.IImageDecoder;
using ImageSharpBmpDecoder = SixLabors.ImageSharp.Formats.Bmp.BmpDecoder;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>SixLabors.ImageSharp's managed decoders.</summary>
internal sealed class ImageSharpDecoder : IImageDecoder
{
    private readonly Configuration _configuration;

    /// <param name="maxPixels">The maximum pixels of an image, which limits every buffer.</param>
    public ImageSharpDecoder(long maxPixels)
    {
        const int BytesPerPixel = 8; // of the widest pixel that is asked for
        _configuration = new Configuration
        {
            MaxDegreeOfParallelism = 1,
            MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions
            {
                AllocationLimitMegabytes = (int)Math.Min((maxPixels * BytesPerPixel >> 20) + 16, int.MaxValue),
                MaximumPoolSizeMegabytes = 32,
            }),
        };
    }

    public PixelBuffer Decode(ReadOnlyMemory<byte> image, in ImageHeader header, in PixelRegion wanted) => header.Format switch
    {
        ImageFormat.Gif => GifDecoder.Decode(image.Span),
        ImageFormat.Png => DecodePng(image, header),
        ImageFormat.WebP => DecodeWebP(image, header),
        ImageFormat.Bmp when BmpDecoder.Takes(image.Span) => BmpDecoder.Decode(image.Span, header),
        ImageFormat.Bmp => Decode8Bit(new ImageSharpBmpDecoder(), image, header),
        _ => Decode8Bit(new JpegDecoder { IgnoreMetadata = true }, PlainJpeg.Of(image), header),
    };

    private PixelBuffer DecodePng(ReadOnlyMemory<byte> image, in ImageHeader header)
    {
        var png = PngHeader.Read(image.Span);
        PngData.Verify(image.Span, png);
        image = PngData.Plain(PlainPng.WithWholePalette(image, png), png);
        var decoder = new PngDecoder { IgnoreMetadata = true };
        if (png.BitDepth != 16)
            return Decode8Bit(decoder, image, header);

        // Of 16 bits the high byte; ImageSharp would round.
        using var decoded = Decode<Rgba64>(decoder, image, header);
        var pixels = new PixelBuffer(header.Width, header.Height);
        for (var y = 0; y < header.Height; y++)
        {
            var target = pixels.Row(y);
            foreach (ref readonly var pixel in decoded.DangerousGetPixelRowMemory(y).Span)
            {
                target[0] = (byte)(pixel.R >> 8);
                target[1] = (byte)(pixel.G >> 8);
                target[2] = (byte)(pixel.B >> 8);
                target = target[PixelBuffer.BytesPerPixel..];
            }
        }
        return pixels;
    }

    private PixelBuffer DecodeWebP(ReadOnlyMemory<byte> image, in ImageHeader header)
    {
        var decoder = new WebpDecoder { IgnoreMetadata = true };
        var webp = WebPHeader.Read(image.Span);
        if (webp.FrameChunks.IsEmpty)
            return Decode8Bit(decoder, image, header);

        // ImageSharp 2.1 does not support animations.
        var (left, top, width, height) = webp.Frame;
        using var frame = Decode8Bit(decoder, webp.FrameAsFile(), header with { Width = width, Height = height });
        var canvas = new PixelBuffer(header.Width, header.Height);
        canvas.Clear();
        for (var y = 0; y < height; y++)
            frame.Row(y).CopyTo(canvas.Row(top + y)[(left * PixelBuffer.BytesPerPixel)..]);
        return canvas;
    }

    private PixelBuffer Decode8Bit(IImageSharpDecoder decoder, ReadOnlyMemory<byte> image, in ImageHeader header)
    {
        using var decoded = Decode<Rgba32>(decoder, image, header);
        var pixels = new PixelBuffer(header.Width, header.Height);
        for (var y = 0; y < header.Height; y++)
            MemoryMarshal.AsBytes(decoded.DangerousGetPixelRowMemory(y).Span).CopyTo(pixels.Row(y));
        return pixels;
    }

    private unsafe Image<TPixel> Decode<TPixel>(
        IImageSharpDecoder decoder, ReadOnlyMemory<byte> image, in ImageHeader header)
        where TPixel : unmanaged, IPixel<TPixel>
    {
        using var pin = image.Pin();
        using var stream = new UnmanagedMemoryStream((byte*)pin.Pointer, image.Length);
        Image<TPixel> decoded;
        try
        {
            decoded = decoder.Decode<TPixel>(_configuration, stream, default);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Damaged files can cause any exception in the decoder.
            throw ImageErrors.Damaged(header.Format, e);
        }
        if (decoded.Width == header.Width && decoded.Height == header.Height)
            return decoded;
        decoded.Dispose();
        throw ImageErrors.Damaged(header.Format);
    }
}
