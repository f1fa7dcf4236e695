namespace ResNetFunctions.Inference.Decoding;

/// <summary>Turns an image file into pixels. Implementations are stateless and thread-safe.</summary>
internal interface IImageDecoder
{
    /// <summary>Decodes the first frame as stored; the caller disposes the pixels.</summary>
    /// <exception cref="RejectedException">The file is cut off or damaged.</exception>
    PixelBuffer Decode(ReadOnlyMemory<byte> image, in ImageHeader header);
}
