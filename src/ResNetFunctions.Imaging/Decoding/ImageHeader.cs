namespace ResNetFunctions.Imaging.Decoding;

/// <summary>An image's header, read before any pixel is decoded or allocated.</summary>
/// <param name="Format">Told by the first bytes.</param>
/// <param name="Width">In pixels as stored, at least 1.</param>
/// <param name="Height">In pixels as stored, at least 1.</param>
/// <param name="Orientation">EXIF's, else <see cref="Orientation.TopLeft"/>.</param>
/// <param name="Scans">Scans of a JPEG file; 1 in other formats.</param>
internal readonly record struct ImageHeader(
    ImageFormat Format, int Width, int Height, Orientation Orientation, int Scans = 1)
{
    // A scan of a few bytes goes through all pixels in about 0.15 ns each. Encoders make 10 scans, or 18 with four
    // components.
    private const int MaxScansOfLargest = 32, PixelsOfNone = 1 << 16;
    private const long LargestOfDefault = 64_000_000;

    public long Pixels => (long)Width * Height;

    public PixelRegion Whole => new(0, 0, Width, Height);

    /// <summary>The memory that decoding takes, in pixels of 4 bytes. With several scans a decoder keeps all coefficients;
    /// interlaced PNG and lossless WebP need a second picture.</summary>
    public long PixelsToDecode => Format switch
    {
        ImageFormat.Jpeg when Scans > 1 => Pixels * 5 / 2,
        ImageFormat.Png or ImageFormat.WebP => Pixels * 2,
        _ => Pixels,
    };

    /// <exception cref="RejectedException">No bytes, an unsupported format, or a truncated or contradictory
    /// header.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        var header = FormatOf(image) switch
        {
            ImageFormat.Jpeg => JpegHeader.Read(image),
            ImageFormat.Png => ReadPng(image),
            ImageFormat.WebP => ReadWebP(image),
            ImageFormat.Gif => ReadGif(image),
            _ => BmpHeader.Read(image),
        };
        if (header.Width < 1 || header.Height < 1)
            throw ImageErrors.Corrupt("The image has no pixels: its width or its height is 0.");
        return header;
    }

    /// <exception cref="RejectedException">Too many pixels, or a JPEG file with so many scans that decoding takes very
    /// long.</exception>
    public void ThrowIfOver(long maxPixels)
    {
        if (Pixels > maxPixels)
            throw ImageErrors.TooManyPixels(Width, Height, maxPixels);
        if (Scans * Math.Max(Pixels, PixelsOfNone) > MaxScansOfLargest * Math.Max(maxPixels, LargestOfDefault))
            throw ImageErrors.TooManyScans(Width, Height, Scans);
    }

    private static ImageHeader ReadPng(ReadOnlySpan<byte> image)
    {
        var png = PngHeader.Read(image);
        return new ImageHeader(ImageFormat.Png, png.Width, png.Height, png.Orientation);
    }

    private static ImageHeader ReadWebP(ReadOnlySpan<byte> image)
    {
        var webp = WebPHeader.Read(image);
        return new ImageHeader(ImageFormat.WebP, webp.Width, webp.Height, webp.Orientation);
    }

    private static ImageHeader ReadGif(ReadOnlySpan<byte> image)
    {
        var gif = GifHeader.Read(image);
        return new ImageHeader(ImageFormat.Gif, gif.Width, gif.Height, Orientation.TopLeft);
    }

    public static bool TryFormatOf(ReadOnlySpan<byte> image, out ImageFormat format)
    {
        ImageFormat? known =
            image.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? ImageFormat.Jpeg
            : image.StartsWith(PngChunk.Signature) ? ImageFormat.Png
            : image.StartsWith("GIF87a"u8) || image.StartsWith("GIF89a"u8) ? ImageFormat.Gif
            : image.StartsWith("RIFF"u8) && image.Length >= 12 && image[8..12].SequenceEqual("WEBP"u8) ? ImageFormat.WebP
            : image.StartsWith("BM"u8) && BmpHeader.IsBmp(image) ? ImageFormat.Bmp
            : null;
        format = known ?? default;
        return known is not null;
    }

    private static ImageFormat FormatOf(ReadOnlySpan<byte> image) =>
        image.IsEmpty ? throw ImageErrors.Empty()
        : TryFormatOf(image, out ImageFormat format) ? format
        : throw ImageErrors.Unsupported(OtherFormat.Advice(image));
}
