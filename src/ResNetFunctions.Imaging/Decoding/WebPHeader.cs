using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>A WebP file's header. VP8X or the picture itself has the size, EXIF the orientation.</summary>
internal readonly ref struct WebPHeader
{
    private const int FrameHeaderSize = 16;

    public int Width { get; private init; }

    public int Height { get; private init; }

    public Orientation Orientation { get; private init; }

    /// <summary>The first frame's place on the canvas of an animation.</summary>
    public (int Left, int Top, int Width, int Height) Frame { get; private init; }

    /// <summary>The first frame's chunks (ALPH, VP8, VP8L); empty if the file is not animated.</summary>
    public ReadOnlySpan<byte> FrameChunks { get; private init; }

    public static WebPHeader Read(ReadOnlySpan<byte> image)
    {
        (int Width, int Height)? canvas = null, picture = null;
        var orientation = Orientation.TopLeft;
        ReadOnlySpan<byte> frame = default;
        var chunks = WebPChunk.ChunksOf(image);
        while (WebPChunk.TryTake(ref chunks, out var chunk))
        {
            var data = chunk.Data;
            if (chunk.Is("VP8X"u8) && data.Length >= 10)
                canvas ??= (1 + UInt24(data[4..]), 1 + UInt24(data[7..]));
            else if (chunk.Is("EXIF"u8))
                orientation = ExifOrientation.Read(data.StartsWith("Exif\0\0"u8) ? data[6..] : data);
            else if (chunk.Is("ANMF"u8) && frame.IsEmpty && data.Length > FrameHeaderSize)
                frame = data;
            else
                picture ??= chunk.PictureSize;
        }

        if (!frame.IsEmpty && canvas is var (canvasWidth, canvasHeight))
            return ReadFrame(frame, canvasWidth, canvasHeight) with { Orientation = orientation };
        if (picture is not var (width, height) || (canvas ?? picture) != picture)
            throw ImageErrors.Damaged(ImageFormat.WebP);
        return new WebPHeader { Width = width, Height = height, Orientation = orientation };
    }

    /// <summary>The first frame as a file, for a decoder without animations.</summary>
    public byte[] FrameAsFile()
    {
        const int HeadersSize = 30; // RIFF header, VP8X
        const byte HasAlpha = 0x10;
        var file = new byte[HeadersSize + FrameChunks.Length];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WEBPVP8X"u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 10);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(20), FrameChunks.StartsWith("ALPH"u8) ? HasAlpha : 0);
        var size = (Frame.Width - 1L) | ((Frame.Height - 1L) << 24); // 24 bits each
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), (int)size);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(28), (short)(size >> 32));
        FrameChunks.CopyTo(file.AsSpan(HeadersSize));
        return file;
    }

    private static WebPHeader ReadFrame(ReadOnlySpan<byte> frame, int canvasWidth, int canvasHeight)
    {
        var (left, top) = (2 * UInt24(frame), 2 * UInt24(frame[3..]));
        var (width, height) = (1 + UInt24(frame[6..]), 1 + UInt24(frame[9..]));
        (int, int)? picture = null;
        var chunks = frame[FrameHeaderSize..];
        while (WebPChunk.TryTake(ref chunks, out var chunk))
            picture ??= chunk.PictureSize;
        if (picture != (width, height) || left + width > canvasWidth || top + height > canvasHeight)
            throw ImageErrors.Damaged(ImageFormat.WebP);
        return new WebPHeader
        {
            Width = canvasWidth,
            Height = canvasHeight,
            Frame = (left, top, width, height),
            FrameChunks = frame[FrameHeaderSize..],
        };
    }

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}
