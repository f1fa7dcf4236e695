using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

internal readonly ref struct PngChunk
{
    public const int Overhead = 12; // length, type, CRC

    private PngChunk(ReadOnlySpan<byte> whole)
    {
        Whole = whole;
    }

    /// <summary>Length, type, data and CRC.</summary>
    public ReadOnlySpan<byte> Whole { get; }

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public ReadOnlySpan<byte> Data => Whole[8..^4];

    public bool Is(ReadOnlySpan<byte> type) => Whole[4..].StartsWith(type);

    /// <summary>Takes the next chunk; there is one until IEND.</summary>
    public static PngChunk Take(scoped ref ReadOnlySpan<byte> chunks)
    {
        if (chunks.Length < Overhead || BinaryPrimitives.ReadUInt32BigEndian(chunks) > chunks.Length - Overhead)
            throw ImageErrors.CutOff(ImageFormat.Png);
        var length = Overhead + BinaryPrimitives.ReadInt32BigEndian(chunks);
        var chunk = new PngChunk(chunks[..length]);
        chunks = chunks[length..];
        return chunk;
    }
}
