using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace ResNetFunctions.Fuzz.Images;

/// <summary>Hostile changes particular to PNG.</summary>
internal static class Png
{
    private const int SignatureSize = 8;

    /// <summary>Changes the data of one chunk, inside its compression if any, and nothing else.</summary>
    public static byte[] ChangeInside(byte[] png, Random random)
    {
        List<(byte[] Type, byte[] Data)> chunks = [.. Chunks(png)];
        int victim = random.Next(chunks.Count);
        (byte[] type, byte[] data) = chunks[victim];
        chunks[victim] = type.AsSpan().SequenceEqual("IDAT"u8) && random.Next(2) == 0
            ? (type, Deflate(Mutator.Change(Inflate(data), random, data)))
            : (type, Mutator.Change(data, random, data));
        return Join(png, chunks);
    }

    /// <summary>Corrects every checksum, as far as the file is valid.</summary>
    public static byte[] WithRightChecksums(byte[] png)
    {
        byte[] right = [.. png];
        for (int at = SignatureSize; at + 12 <= right.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(right.AsSpan(at));
            if (length > right.Length - at - 12)
                break;
            BinaryPrimitives.WriteUInt32BigEndian(
                right.AsSpan(at + 8 + (int)length), Crc32.HashToUInt32(right.AsSpan(at + 4, 4 + (int)length)));
            at += 12 + (int)length;
        }
        return right;
    }

    /// <summary>Zeros by the megabyte in a few kilobytes: as pixels, profile or text.</summary>
    public static byte[] DeflateBomb(Random random)
    {
        byte[] png = Corpus.Pick(random, "png-RGB");
        List<(byte[] Type, byte[] Data)> chunks = [.. Chunks(png)];
        byte[] zeros = Deflate(new byte[random.Next(1, 64) << 20]);
        (byte[], byte[]) bomb = random.Next(4) switch
        {
            0 => ("IDAT"u8.ToArray(), zeros),
            1 => ("iCCP"u8.ToArray(), [.. "profile\0\0"u8, .. zeros]),
            2 => ("zTXt"u8.ToArray(), [.. "Comment\0\0"u8, .. zeros]),
            _ => ("iTXt"u8.ToArray(), [.. "Comment\0\u0001\0\0\0"u8, .. zeros]),
        };
        chunks.Insert(1, bomb);
        return Join(png, chunks);
    }

    /// <summary>Hundreds of thousands of chunks.</summary>
    public static byte[] ManyChunks(Random random)
    {
        byte[] png = Corpus.Pick(random, "png-RGB");
        List<(byte[] Type, byte[] Data)> chunks = [.. Chunks(png)];
        byte[] type = random.Next(3) switch { 0 => "IDAT"u8.ToArray(), 1 => "tEXt"u8.ToArray(), _ => "abCd"u8.ToArray() };
        byte[] data = type[0] == 't' ? [.. "a\0b"u8] : [];
        chunks.InsertRange(1, Enumerable.Repeat((type, data), random.Next(1_000, 300_000)));
        return Join(png, chunks);
    }

    private static IEnumerable<(byte[] Type, byte[] Data)> Chunks(byte[] png)
    {
        for (int at = SignatureSize; at < png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            yield return (png[(at + 4)..(at + 8)], png[(at + 8)..(at + 8 + length)]);
            at += 12 + length;
        }
    }

    private static byte[] Join(byte[] png, List<(byte[] Type, byte[] Data)> chunks)
    {
        var joined = new MemoryStream();
        joined.Write(png.AsSpan(0, SignatureSize));
        Span<byte> number = stackalloc byte[4];
        foreach ((byte[] type, byte[] data) in chunks)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            joined.Write(number);
            joined.Write(type);
            joined.Write(data);
            joined.Write([0, 0, 0, 0]);
        }
        return WithRightChecksums(joined.ToArray());
    }

    private static byte[] Inflate(byte[] data)
    {
        using var inflating = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
        var inflated = new MemoryStream();
        inflating.CopyTo(inflated);
        return inflated.ToArray();
    }

    private static byte[] Deflate(byte[] data)
    {
        var deflated = new MemoryStream();
        using (var deflating = new ZLibStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
            deflating.Write(data);
        return deflated.ToArray();
    }
}
