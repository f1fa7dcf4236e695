namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Turns an image file into pixels. Implementations are stateless and thread-safe.</summary>
internal interface IImageDecoder
{
    /// <summary>Decodes the first frame as stored; the caller disposes the pixels.</summary>
    /// <param name="image">The file.</param>
    /// <param name="header">What <see cref="ImageHeader.Read"/> said of it.</param>
    /// <param name="wanted">The pixels that will be read; others may be left out.</param>
    /// <exception cref="RejectedException">The file is cut off or damaged, wherever in it.</exception>
    PixelBuffer Decode(ReadOnlyMemory<byte> image, in ImageHeader header, in PixelRegion wanted);
}
