using System.Buffers;
using System.IO.Compression;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Decompresses a PNG file's data: to check that it is complete, because ImageSharp leaves missing pixels black, or
/// to assemble an interlaced picture.</summary>
internal static class PngData
{
    // Adam7's passes: first column, first row, distance of columns, distance of rows.
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

    /// <summary>Rewrites a file for ImageSharp 2.1, which takes an empty data chunk for the end, needs the first two bytes
    /// of data in one chunk, and fails on interlaced pictures with an empty pass. Returns the file itself if nothing has to
    /// change.</summary>
    public static ReadOnlyMemory<byte> Plain(ReadOnlyMemory<byte> image, in PngHeader header)
    {
        const int NarrowestOfAllPasses = 5;
        if (header.Interlaced && header.Width < NarrowestOfAllPasses)
            return PlainPng.Write(image.Span, null, Compress(ReadRows(image.Span, header)), interlaced: false);
        return header.HasTinyData ? PlainPng.Write(image.Span, null, Join(image.Span)) : image;
    }

    private static byte[] Compress(byte[] rows)
    {
        using var compressed = new MemoryStream();
        using (var stream = new ZLibStream(compressed, CompressionLevel.Fastest))
            stream.Write(rows);
        return compressed.ToArray();
    }

    private static byte[] Join(ReadOnlySpan<byte> image)
    {
        var joined = new byte[image.Length];
        return joined[..CopyTo(joined, image)];
    }

    // The rows of an interlaced picture, each after a filter byte of 0.
    private static byte[] ReadRows(ReadOnlySpan<byte> image, PngHeader header)
    {
        int bits = header.Channels * header.BitDepth, bytes = (bits + 7) / 8;
        var stride = 1 + (int)(((long)header.Width * bits) + 7) / 8;
        var rows = new byte[checked((long)stride * header.Height)];
        using var inflated = new ZLibStream(new MemoryStream(Join(image)), CompressionMode.Decompress);
        foreach (var (left, top, stepX, stepY) in Adam7)
        {
            var width = (header.Width - left + stepX - 1) / stepX;
            byte[] line = new byte[((width * bits) + 7) / 8], before = new byte[line.Length];
            for (var y = top; y < header.Height && width > 0; y += stepY)
            {
                var filter = inflated.ReadByte();
                inflated.ReadExactly(line);
                Unfilter(filter, line, before, bytes);
                for (var x = 0; x < width; x++)
                    CopyBits(line, x * bits, rows.AsSpan((int)((long)y * stride) + 1, stride - 1), (left + (x * stepX)) * bits, bits);
                (line, before) = (before, line);
            }
        }
        return rows;
    }

    // PNG specification, 9.2.
    private static void Unfilter(int filter, Span<byte> line, ReadOnlySpan<byte> before, int bytes)
    {
        for (var i = 0; i < line.Length; i++)
        {
            int left = i < bytes ? 0 : line[i - bytes], above = before[i], corner = i < bytes ? 0 : before[i - bytes];
            line[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => above,
                3 => (left + above) / 2,
                4 => Paeth(left, above, corner),
                _ => throw ImageErrors.Damaged(ImageFormat.Png),
            });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        int toLeft = Math.Abs(above - corner), toAbove = Math.Abs(left - corner), toCorner = Math.Abs(left + above - (2 * corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private static void CopyBits(ReadOnlySpan<byte> source, int from, Span<byte> target, int to, int count)
    {
        if (count >= 8)
        {
            source.Slice(from / 8, count / 8).CopyTo(target[(to / 8)..]);
            return;
        }
        var value = (source[from / 8] >> (8 - count - (from % 8))) & ((1 << count) - 1);
        target[to / 8] |= (byte)(value << (8 - count - (to % 8)));
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

        // A row is a filter byte and whole bytes of samples. An empty pass has no rows.
        long LengthOf(long width, long height) =>
            width <= 0 || height <= 0 ? 0 : height * (1 + (((width * header.Channels * header.BitDepth) + 7) / 8));
    }
}
