using System.Buffers;
using System.IO.Compression;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Inflates a PNG file's data only to see that all of it is there and its checksum is right: ImageSharp
/// leaves black what is missing.</summary>
internal static class PngData
{
    // Adam7's seven passes: first column, first row, distance of columns, distance of rows.
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <exception cref="RejectedException">The data is damaged or too short.</exception>
    public static void Verify(ReadOnlySpan<byte> image, in PngHeader header)
    {
        var expected = LengthOf(header);
        var compressed = ArrayPool<byte>.Shared.Rent(image.Length);
        var scratch = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            using var source = new MemoryStream(compressed, 0, CopyTo(compressed, image));
            using var inflated = new ZLibStream(source, CompressionMode.Decompress);
            long length = 0;
            for (int read; length <= expected && (read = inflated.Read(scratch)) > 0;)
                length += read;
            if (length < expected)
                throw ImageErrors.CutOff(ImageFormat.Png);
        }
        catch (InvalidDataException e)
        {
            throw ImageErrors.Damaged(ImageFormat.Png, e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private static int CopyTo(Span<byte> compressed, ReadOnlySpan<byte> image)
    {
        var chunks = image[PngChunk.Signature.Length..];
        var length = 0;
        while (true)
        {
            var chunk = PngChunk.Take(ref chunks);
            if (chunk.Is("IEND"u8))
                return length;
            if (!chunk.Is("IDAT"u8))
                continue;
            chunk.Data.CopyTo(compressed[length..]);
            length += chunk.Data.Length;
        }
    }

    private static long LengthOf(PngHeader header)
    {
        if (!header.Interlaced)
            return LengthOf(header.Width, header.Height);
        long sum = 0;
        foreach (var (x, y, stepX, stepY) in Adam7)
            sum += LengthOf((header.Width - x + stepX - 1) / stepX, (header.Height - y + stepY - 1) / stepY);
        return sum;

        // A row is a filter byte and whole bytes of samples; an empty pass has no rows at all.
        long LengthOf(long width, long height) =>
            width <= 0 || height <= 0 ? 0 : height * (1 + (((width * header.Channels * header.BitDepth) + 7) / 8));
    }
}
