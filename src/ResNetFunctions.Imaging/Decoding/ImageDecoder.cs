namespace ResNetFunctions.Imaging.Decoding;

/// <summary>What turns bytes into pixels.</summary>
public enum ImageDecoder
{
    /// <summary>SkiaSharp: libjpeg-turbo's pixels, equal to Pillow's in every byte.</summary>
    Skia,

    /// <summary>ImageSharp: wholly managed and quicker, its JPEG pixels a little different. Not in a build with
    /// <c>-p:UseImageSharp=false</c>.</summary>
    ImageSharp,
}
