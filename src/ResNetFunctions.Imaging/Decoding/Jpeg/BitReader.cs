using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ResNetFunctions.Imaging.Decoding.Jpeg;

/// <summary>The bits of a scan, most significant first. 0xFF is followed by a 0 that is skipped, or begins a
/// marker.</summary>
internal unsafe struct BitReader(byte* data, int length)
{
    private readonly byte* _end = data + length;
    private byte* _next = data;
    private int _beyond;

    /// <summary>The next bits, from the most significant on.</summary>
    public ulong Bits;

    public int Count;

    /// <summary>Makes at least 32 bits available; zeros after the end of the data.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fill(ref BitReader reader, ref ulong bits, ref int count)
    {
        if (count > 32)
            return;
        if (reader._end - reader._next >= 4)
        {
            var next = BinaryPrimitives.ReverseEndianness(*(uint*)reader._next);
            if (((~next - 0x01010101u) & next & 0x80808080u) == 0) // no byte is 0xFF
            {
                bits |= (ulong)next << (32 - count);
                count += 32;
                reader._next += 4;
                return;
            }
        }
        reader.Bits = bits;
        reader.Count = count;
        reader.FillByteByByte();
        bits = reader.Bits;
        count = reader.Count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FillByteByByte()
    {
        while (Count <= 32)
        {
            byte next = 0;
            if (_next < _end && *_next != 0xFF)
            {
                next = *_next++;
            }
            else if (_end - _next >= 2 && _next[1] == 0)
            {
                next = 0xFF;
                _next += 2;
            }
            else
            {
                _beyond += 8;
            }
            Bits |= (ulong)next << (56 - Count);
            Count += 8;
        }
    }

    /// <summary>Skips to the next marker, if all bits that were taken existed and only padding is left.</summary>
    public bool TryTakeMarker(out byte marker)
    {
        marker = 0;
        var left = Count - _beyond;
        if (left is < 0 or >= 8 || _end - _next < 2 || *_next != 0xFF)
            return false;
        marker = _next[1];
        _next += 2;
        Bits = 0;
        Count = _beyond = 0;
        return true;
    }
}
