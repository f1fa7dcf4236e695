using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>One chunk of a WebP file's RIFF container (RFC 9649).</summary>
internal readonly ref struct WebPChunk
{
    public const int HeaderSize = 8;

    private const int RiffHeaderSize = 12;

    private WebPChunk(ReadOnlySpan<byte> whole)
    {
        Whole = whole;
    }

    /// <summary>Header, data and padding.</summary>
    public ReadOnlySpan<byte> Whole { get; }

    public ReadOnlySpan<byte> Data =>
        Whole.Slice(HeaderSize, BinaryPrimitives.ReadInt32LittleEndian(Whole[4..]));

    public bool Is(ReadOnlySpan<byte> type) => Whole.StartsWith(type);

    /// <summary>The picture's size in a VP8 or VP8L chunk; null for others.</summary>
    public (int Width, int Height)? PictureSize
    {
        get
        {
            var data = Data;
            if (Is("VP8L"u8) && data.Length >= 5 && data[0] == 0x2F)
            {
                var bits = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
                return (1 + (int)(bits & 0x3FFF), 1 + (int)((bits >> 14) & 0x3FFF));
            }
            if (Is("VP8 "u8) && data.Length >= 10 && data[3..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
                return (BinaryPrimitives.ReadUInt16LittleEndian(data[6..]) & 0x3FFF,
                    BinaryPrimitives.ReadUInt16LittleEndian(data[8..]) & 0x3FFF);
            return null;
        }
    }

    /// <summary>The chunks after the RIFF header, to the length that it states.</summary>
    public static ReadOnlySpan<byte> ChunksOf(ReadOnlySpan<byte> file)
    {
        var size = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (size < 4)
            throw ImageErrors.Damaged(ImageFormat.WebP);
        if (size > file.Length - 8)
            throw ImageErrors.CutOff(ImageFormat.WebP);
        return file[RiffHeaderSize..(int)(8 + size)];
    }

    public static bool TryTake(scoped ref ReadOnlySpan<byte> chunks, out WebPChunk chunk)
    {
        chunk = default;
        if (chunks.Length < HeaderSize)
            return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(chunks[4..]);
        if (length > chunks.Length - HeaderSize)
            throw ImageErrors.CutOff(ImageFormat.WebP);
        var whole = (int)Math.Min(HeaderSize + length + (length & 1), chunks.Length);
        chunk = new WebPChunk(chunks[..whole]);
        chunks = chunks[whole..];
        return true;
    }
}
