namespace ResNetFunctions.Imaging.Decoding;

/// <summary>The decoders.</summary>
public enum ImageDecoder
{
    /// <summary>SkiaSharp: libjpeg-turbo's pixels, equal to Pillow's in every byte.</summary>
    Skia,

    /// <summary>ImageSharp: managed and faster; its JPEG pixels differ a little. Absent from a build with
    /// <c>-p:UseImageSharp=false</c>.</summary>
    ImageSharp,
}
