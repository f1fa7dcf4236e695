namespace ResNetFunctions.Inference.Decoding;

/// <summary>The decoder that the settings name.</summary>
internal static class ImageDecoders
{
    public static IImageDecoder Create(ClassifierOptions options) => options.Decoder switch
    {
        ImageDecoder.Skia => new SkiaDecoder(options.FastDecode),
#if IMAGESHARP
        ImageDecoder.ImageSharp => new ImageSharpDecoder(options.MaxImagePixels),
#endif
        _ => throw new UnavailableException(ErrorCode.Misconfigured, $"This build has no {options.Decoder} decoder."),
    };
}
