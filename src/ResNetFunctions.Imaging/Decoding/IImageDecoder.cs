namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Turns an image file into pixels. Implementations are stateless and thread-safe.</summary>
internal interface IImageDecoder
{
    /// <summary>Decodes the first frame as stored; the caller disposes the pixels.</summary>
    /// <param name="image">The file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="wanted">The pixels that will be read; others need not be decoded.</param>
    /// <exception cref="RejectedException">The file is truncated or damaged anywhere.</exception>
    PixelBuffer Decode(ReadOnlyMemory<byte> image, in ImageHeader header, in PixelRegion wanted);
}
