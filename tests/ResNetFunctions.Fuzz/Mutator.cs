using System.Buffers.Binary;

namespace ResNetFunctions.Fuzz;

/// <summary>Changes that need no knowledge of a format.</summary>
internal static class Mutator
{
    private static readonly uint[] Interesting =
        [0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0xFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];

    /// <summary>One to four changes.</summary>
    /// <param name="bytes">Not changed themselves.</param>
    /// <param name="random">Chooses.</param>
    /// <param name="other">Another file, for splices.</param>
    public static byte[] Change(ReadOnlySpan<byte> bytes, Random random, ReadOnlySpan<byte> other)
    {
        List<byte> changed = [.. bytes];
        for (int times = random.Next(1, 5); times > 0 && changed.Count > 8; times--)
            ChangeOnce(changed, random, other);
        return [.. changed];
    }

    private static void ChangeOnce(List<byte> bytes, Random random, ReadOnlySpan<byte> other)
    {
        int at = random.Next(bytes.Count);
        int length = Math.Min(1 << random.Next(10), bytes.Count - at);
        switch (random.Next(10))
        {
            case 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 3:
                int from = random.Next(other.Length);
                bytes.InsertRange(at, other.Slice(from, Math.Min(length, other.Length - from)));
                break;
            case 4:
                for (int i = at; i < at + length; i++)
                    bytes[i] = 0;
                break;
            case 5:
                WriteNumber(bytes, at, random);
                break;
            case 6:
                bytes[at] = (byte)random.Next(256);
                break;
            case 7: // Two pieces change places.
                List<byte> piece = bytes.GetRange(at, length);
                bytes.RemoveRange(at, length);
                bytes.InsertRange(random.Next(bytes.Count + 1), piece);
                break;
            default:
                for (int flips = 1 << random.Next(5); flips > 0; flips--)
                    bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                break;
        }
    }

    // A number at the edge of its type, of two or four bytes, in either order.
    private static void WriteNumber(List<byte> bytes, int at, Random random)
    {
        Span<byte> number = stackalloc byte[4];
        uint value = Interesting[random.Next(Interesting.Length)];
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteUInt32BigEndian(number, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(number, value);
        for (int i = 0; i < (random.Next(2) == 0 ? 2 : 4) && at + i < bytes.Count; i++)
            bytes[at + i] = number[i];
    }
}
