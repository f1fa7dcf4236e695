using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResNetFunctions.Imaging.Decoding.Jpeg;

/// <summary>libjpeg's "fancy" upsampling of chroma (jdsample.c, triangle filter) and its conversion to RGB (jdcolor.c),
/// a row at a time.</summary>
/// <remarks>Written so that it can be precompiled: see <see cref="Preprocessing.Resampler"/>.</remarks>
internal static unsafe class ChromaRows
{
    /// <param name="row">The row.</param>
    /// <param name="count">Its samples, at least 3.</param>
    /// <param name="target">Room for twice as many, and 32 more.</param>
    public static void Widen(byte* row, int count, byte* target)
    {
        target[0] = row[0];
        target[1] = (byte)(((row[0] * 3) + row[1] + 2) >> 2);
        int i = 1;
        for (; i <= count - 17; i += 16)
        {
            var (here, before, after) = (Words(row + i) * Vector256.Create((short)3), Words(row + i - 1), Words(row + i + 1));
            var even = (here + before + Vector256.Create((short)1)) >>> 2;
            var odd = (here + after + Vector256.Create((short)2)) >>> 2;
            *(Vector256<byte>*)(target + (2 * i)) = (even | (odd << 8)).AsByte();
        }
        for (; i < count - 1; i++)
        {
            target[2 * i] = (byte)(((row[i] * 3) + row[i - 1] + 1) >> 2);
            target[(2 * i) + 1] = (byte)(((row[i] * 3) + row[i + 1] + 2) >> 2);
        }
        target[2 * i] = (byte)(((row[i] * 3) + row[i - 1] + 1) >> 2);
        target[(2 * i) + 1] = row[i];
    }

    /// <summary>Doubles a row's width and adds a quarter of the next row.</summary>
    /// <param name="near">The row.</param>
    /// <param name="far">The row above or below it.</param>
    /// <param name="count">Their samples, at least 3.</param>
    /// <param name="sums">Room for as many.</param>
    /// <param name="target">Room for twice as many, and 32 more.</param>
    public static void WidenAndMix(byte* near, byte* far, int count, short* sums, byte* target)
    {
        int i = 0;
        for (; i <= count - 16; i += 16)
            *(Vector256<short>*)(sums + i) = (Words(near + i) * Vector256.Create((short)3)) + Words(far + i);
        for (; i < count; i++)
            sums[i] = (short)((near[i] * 3) + far[i]);

        target[0] = (byte)(((sums[0] * 4) + 8) >> 4);
        target[1] = (byte)(((sums[0] * 3) + sums[1] + 7) >> 4);
        for (i = 1; i <= count - 17; i += 16)
        {
            var here = (*(Vector256<short>*)(sums + i)) * Vector256.Create((short)3);
            var even = (here + (*(Vector256<short>*)(sums + i - 1)) + Vector256.Create((short)8)) >>> 4;
            var odd = (here + (*(Vector256<short>*)(sums + i + 1)) + Vector256.Create((short)7)) >>> 4;
            *(Vector256<byte>*)(target + (2 * i)) = (even | (odd << 8)).AsByte();
        }
        for (; i < count - 1; i++)
        {
            target[2 * i] = (byte)(((sums[i] * 3) + sums[i - 1] + 8) >> 4);
            target[(2 * i) + 1] = (byte)(((sums[i] * 3) + sums[i + 1] + 7) >> 4);
        }
        target[2 * i] = (byte)(((sums[i] * 3) + sums[i - 1] + 8) >> 4);
        target[(2 * i) + 1] = (byte)(((sums[i] * 4) + 7) >> 4);
    }

    /// <summary>Converts a row of Y, Cb and Cr to RGBX. Each has 8 readable bytes after its end.</summary>
    public static void ToRgbx(byte* luma, byte* blue, byte* red, int count, byte* target)
    {
        int x = 0;
        for (; x <= count - 8; x += 8)
            *(Vector256<uint>*)(target + (4 * x)) = Convert(luma + x, blue + x, red + x);
        if (x == count)
            return;
        uint* rest = stackalloc uint[8];
        *(Vector256<uint>*)rest = Convert(luma + x, blue + x, red + x);
        new Span<uint>(rest, count - x).CopyTo(new Span<uint>((uint*)target + x, count - x));
    }

    // jdcolor.c's tables hold these products: fixed point with 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Convert(byte* luma, byte* blue, byte* red)
    {
        const int Half = 1 << 15;
        var y = Avx2.ConvertToVector256Int32(luma);
        var cb = Avx2.ConvertToVector256Int32(blue) - Vector256.Create(128);
        var cr = Avx2.ConvertToVector256Int32(red) - Vector256.Create(128);
        var r = y + (((cr * Vector256.Create(91881)) + Vector256.Create(Half)) >> 16);
        var g = y + (((cb * Vector256.Create(-22554)) + Vector256.Create(Half) + (cr * Vector256.Create(-46802))) >> 16);
        var b = y + (((cb * Vector256.Create(116130)) + Vector256.Create(Half)) >> 16);
        return (Clamp(r) | (Clamp(g) << 8) | (Clamp(b) << 16) | Vector256.Create(0xFF << 24)).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Clamp(Vector256<int> value) =>
        Vector256.Min(Vector256.Max(value, Vector256<int>.Zero), Vector256.Create(255));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Words(byte* bytes) => Avx2.ConvertToVector256Int16(bytes);
}
