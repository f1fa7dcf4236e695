namespace ResNetFunctions.Imaging.Decoding;

/// <summary>A part of a picture as stored, in pixels. Right and bottom are exclusive.</summary>
internal readonly record struct PixelRegion(int Left, int Top, int Right, int Bottom)
{
    public int Width => Right - Left;

    public int Height => Bottom - Top;
}
