namespace ResNetFunctions.Imaging.Decoding;

/// <summary>The image formats that are understood, told apart by their first bytes.</summary>
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
        /// <summary>The name that answers give it.</summary>
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
