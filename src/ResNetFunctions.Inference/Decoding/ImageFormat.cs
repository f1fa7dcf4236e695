namespace ResNetFunctions.Inference.Decoding;

/// <summary>The image formats that are understood, told apart by their first bytes.</summary>
internal enum ImageFormat
{
    Jpeg,
    Png,
    WebP,
    Gif,
    Bmp,
}
