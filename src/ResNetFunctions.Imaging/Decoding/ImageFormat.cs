namespace ResNetFunctions.Imaging.Decoding;

/// <summary>The supported formats, told by their first bytes.</summary>
internal enum ImageFormat
{
    Jpeg,
    Png,
    WebP,
    Gif,
    Bmp,
}

internal static class ImageFormatNames
{
    extension(ImageFormat format)
    {
        /// <summary>As in the answers.</summary>
        public string Name => format switch
        {
            ImageFormat.Jpeg => "jpeg",
            ImageFormat.Png => "png",
            ImageFormat.WebP => "webp",
            ImageFormat.Gif => "gif",
            _ => "bmp",
        };
    }
}
