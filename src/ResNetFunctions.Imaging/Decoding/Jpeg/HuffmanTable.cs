namespace ResNetFunctions.Imaging.Decoding.Jpeg;

/// <summary>A Huffman table of a JPEG file (ITU-T T.81, annex C), as lookup tables.</summary>
internal sealed class HuffmanTable
{
    /// <summary>The longest code in the lookup tables.</summary>
    public const int LookupBits = 10;

    private readonly byte[] _symbols = new byte[256];
    private readonly uint[] _limits = new uint[18]; // of each length, the first 16 bits beyond its codes
    private readonly int[] _offsets = new int[17];

    /// <summary>For the next <see cref="LookupBits"/> bits: the code's length times 256 plus its symbol; 0 for a longer
    /// code.</summary>
    public ushort[] Codes { get; } = new ushort[1 << LookupBits];

    /// <summary>For the next <see cref="LookupBits"/> bits, if they hold a code and its coefficient: the coefficient times
    /// 2^16, plus the zeros before it times 2^8, plus the length of both; else 0.</summary>
    public int[] Coefficients { get; } = new int[1 << LookupBits];

    /// <param name="counts">How many codes of each length, 1 to 16.</param>
    /// <param name="symbols">Their symbols, shortest codes first; at most 256.</param>
    /// <returns>Whether the codes are valid.</returns>
    public bool TrySet(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        symbols.CopyTo(_symbols);
        Array.Clear(Codes);
        uint code = 0;
        var next = 0;
        for (var length = 1; length <= 16; length++, code <<= 1)
        {
            _offsets[length] = next - (int)code;
            for (var i = 0; i < counts[length - 1]; i++, next++, code++)
            {
                if (code >= 1u << length)
                    return false;
                if (length <= LookupBits)
                {
                    // Span.Fill's vectors are not precompiled.
                    var span = 1 << (LookupBits - length);
                    var entry = (ushort)((length << 8) | symbols[next]);
                    for (var bits = (int)code * span; bits < ((int)code + 1) * span; bits++)
                        Codes[bits] = entry;
                }
            }
            _limits[length] = code << (16 - length);
        }
        _limits[17] = uint.MaxValue;
        SetCoefficients();
        return true;
    }

    private void SetCoefficients()
    {
        for (var bits = 0; bits < Codes.Length; bits++)
        {
            int length = Codes[bits] >> 8, size = Codes[bits] & 15, zeros = (Codes[bits] >> 4) & 15;
            Coefficients[bits] = 0;
            if (length == 0 || size == 0 || length + size > LookupBits)
                continue;
            var value = (bits >> (LookupBits - length - size)) & ((1 << size) - 1);
            Coefficients[bits] = (Extend(value, size) << 16) | (zeros << 8) | (length + size);
        }
    }

    /// <summary>Length and symbol of a code longer than the lookup, from the next 16 bits; length 0 if there is
    /// none.</summary>
    public (int Length, int Symbol) FindLong(uint bits)
    {
        var length = LookupBits + 1;
        while (bits >= _limits[length])
            length++;
        return length > 16 ? (0, 0) : (length, _symbols[(byte)(_offsets[length] + (int)(bits >> (16 - length)))]);
    }

    /// <summary>The number of so many bits (1 to 15): a first bit of 0 means negative.</summary>
    public static int Extend(int value, int size) => value + (((value - (1 << (size - 1))) >> 31) & ((-1 << size) + 1));
}
