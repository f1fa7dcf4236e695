namespace ResNetFunctions.Imaging.Decoding;

internal static class ImageDecoders
{
    /// <summary>Creates a decoder; null if this build lacks it.</summary>
    /// <param name="decoder">Which one.</param>
    /// <param name="fast">Decode large JPEG files at a smaller scale (Skia only). The pixels are no longer
    /// torchvision's.</param>
    /// <param name="maxPixels">The maximum pixels of an image.</param>
    public static IImageDecoder? Create(ImageDecoder decoder, bool fast, long maxPixels) => decoder switch
    {
        ImageDecoder.Skia => new SkiaDecoder(fast),
#if IMAGESHARP
        ImageDecoder.ImageSharp => new ImageSharpDecoder(maxPixels),
#endif
        _ => null,
    };
}
