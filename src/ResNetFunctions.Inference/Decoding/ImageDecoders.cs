namespace ResNetFunctions.Inference.Decoding;

/// <summary>The decoder that the settings name.</summary>
internal static class ImageDecoders
{
    public static IImageDecoder Create(ImageDecoder decoder) => decoder switch
    {
        ImageDecoder.Skia => new SkiaDecoder(),
        _ => throw new UnavailableException(ErrorCode.Misconfigured, $"This build has no {decoder} decoder."),
    };
}
