namespace ResNetFunctions.Imaging.Decoding;

/// <summary>The decoders by name.</summary>
internal static class ImageDecoders
{
    /// <summary>Makes one; null where this build has none of that name.</summary>
    /// <param name="decoder">Which.</param>
    /// <param name="fast">Decode large JPEG files at a smaller scale: 1.4 times quicker for 12 megapixels, and no longer
    /// torchvision's pixels. With Skia alone.</param>
    /// <param name="maxPixels">The most pixels that an image may have.</param>
    public static IImageDecoder? Create(ImageDecoder decoder, bool fast, long maxPixels) => decoder switch
    {
        ImageDecoder.Skia => new SkiaDecoder(fast),
#if IMAGESHARP
        ImageDecoder.ImageSharp => new ImageSharpDecoder(maxPixels),
#endif
        _ => null,
    };
}
