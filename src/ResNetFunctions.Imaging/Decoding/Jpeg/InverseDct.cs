using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResNetFunctions.Imaging.Decoding.Jpeg;

/// <summary>The inverse DCT of an 8 x 8 block, with libjpeg's accurate integer method (jidctint.c, after Loeffler,
/// Ligtenberg and Moschytz) and the same integers.</summary>
internal static unsafe class InverseDct
{
    private const int ConstBits = 13, Pass1Bits = 2;

    /// <summary>Dequantises, transforms and clamps a block.</summary>
    /// <param name="coefficients">64, row by row.</param>
    /// <param name="quantization">64, row by row.</param>
    /// <param name="target">Where the first sample goes.</param>
    /// <param name="stride">The distance of two rows of samples.</param>
    /// <returns>False if a number is outside the range of any real picture; libjpeg wraps around there.</returns>
    public static bool Run(short* coefficients, int* quantization, byte* target, nint stride)
    {
        var v0 = Load(coefficients, quantization, 0);
        var v1 = Load(coefficients, quantization, 1);
        var v2 = Load(coefficients, quantization, 2);
        var v3 = Load(coefficients, quantization, 3);
        var v4 = Load(coefficients, quantization, 4);
        var v5 = Load(coefficients, quantization, 5);
        var v6 = Load(coefficients, quantization, 6);
        var v7 = Load(coefficients, quantization, 7);
        var sum = Vector256.Abs(v0) + Vector256.Abs(v1) + Vector256.Abs(v2) + Vector256.Abs(v3)
            + Vector256.Abs(v4) + Vector256.Abs(v5) + Vector256.Abs(v6) + Vector256.Abs(v7);
        if (Vector256.GreaterThanAny(sum, Vector256.Create(4095)))
            return false;

        Transform(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ConstBits - Pass1Bits);
        Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
        Transform(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ConstBits + Pass1Bits + 3);
        Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);

        var half = Vector256.Create(512);
        var outside = (v0 + half) | (v1 + half) | (v2 + half) | (v3 + half) | (v4 + half) | (v5 + half) | (v6 + half) | (v7 + half);
        if (Vector256.GreaterThanAny(outside & Vector256.Create(~1023), Vector256<int>.Zero) || Vector256.LessThanAny(outside, Vector256<int>.Zero))
            return false;

        Store(v0, v1, target, stride);
        Store(v2, v3, target + (2 * stride), stride);
        Store(v4, v5, target + (4 * stride), stride);
        Store(v6, v7, target + (6 * stride), stride);
        return true;
    }

    /// <summary>A block with only the first coefficient: all samples are equal.</summary>
    public static bool RunFlat(int coefficient, byte* target, nint stride)
    {
        int value = ((coefficient << Pass1Bits) + (1 << (Pass1Bits + 2))) >> (Pass1Bits + 3);
        if (value is < -512 or > 511)
            return false;
        ulong line = (byte)Math.Clamp(value + 128, 0, 255) * 0x0101010101010101UL;
        for (int y = 0; y < 8; y++)
            *(ulong*)(target + (y * stride)) = line;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Load(short* coefficients, int* quantization, int row) =>
        Avx2.ConvertToVector256Int32(coefficients + (row * 8)) * *(Vector256<int>*)(quantization + (row * 8));

    // One pass over eight lines at once, with jidctint.c's names.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transform(
        ref Vector256<int> v0, ref Vector256<int> v1, ref Vector256<int> v2, ref Vector256<int> v3,
        ref Vector256<int> v4, ref Vector256<int> v5, ref Vector256<int> v6, ref Vector256<int> v7, int shift)
    {
        // Even part.
        var z1 = (v2 + v6) * Vector256.Create(4433);
        var tmp2 = z1 - (v6 * Vector256.Create(15137));
        var tmp3 = z1 + (v2 * Vector256.Create(6270));
        var tmp0 = (v0 + v4) << ConstBits;
        var tmp1 = (v0 - v4) << ConstBits;
        var tmp10 = tmp0 + tmp3;
        var tmp13 = tmp0 - tmp3;
        var tmp11 = tmp1 + tmp2;
        var tmp12 = tmp1 - tmp2;

        // Odd part.
        z1 = v7 + v1;
        var z2 = v5 + v3;
        var z3 = v7 + v3;
        var z4 = v5 + v1;
        var z5 = (z3 + z4) * Vector256.Create(9633);
        z1 *= Vector256.Create(-7373);
        z2 *= Vector256.Create(-20995);
        z3 = (z3 * Vector256.Create(-16069)) + z5;
        z4 = (z4 * Vector256.Create(-3196)) + z5;
        tmp0 = (v7 * Vector256.Create(2446)) + z1 + z3;
        tmp1 = (v5 * Vector256.Create(16819)) + z2 + z4;
        tmp2 = (v3 * Vector256.Create(25172)) + z2 + z3;
        tmp3 = (v1 * Vector256.Create(12299)) + z1 + z4;

        var round = Vector256.Create(1 << (shift - 1));
        v0 = (tmp10 + tmp3 + round) >> shift;
        v7 = (tmp10 - tmp3 + round) >> shift;
        v1 = (tmp11 + tmp2 + round) >> shift;
        v6 = (tmp11 - tmp2 + round) >> shift;
        v2 = (tmp12 + tmp1 + round) >> shift;
        v5 = (tmp12 - tmp1 + round) >> shift;
        v3 = (tmp13 + tmp0 + round) >> shift;
        v4 = (tmp13 - tmp0 + round) >> shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector256<int> v0, ref Vector256<int> v1, ref Vector256<int> v2, ref Vector256<int> v3,
        ref Vector256<int> v4, ref Vector256<int> v5, ref Vector256<int> v6, ref Vector256<int> v7)
    {
        var a0 = Avx2.UnpackLow(v0, v1);
        var a1 = Avx2.UnpackHigh(v0, v1);
        var a2 = Avx2.UnpackLow(v2, v3);
        var a3 = Avx2.UnpackHigh(v2, v3);
        var a4 = Avx2.UnpackLow(v4, v5);
        var a5 = Avx2.UnpackHigh(v4, v5);
        var a6 = Avx2.UnpackLow(v6, v7);
        var a7 = Avx2.UnpackHigh(v6, v7);
        var b0 = Avx2.UnpackLow(a0.AsInt64(), a2.AsInt64()).AsInt32();
        var b1 = Avx2.UnpackHigh(a0.AsInt64(), a2.AsInt64()).AsInt32();
        var b2 = Avx2.UnpackLow(a1.AsInt64(), a3.AsInt64()).AsInt32();
        var b3 = Avx2.UnpackHigh(a1.AsInt64(), a3.AsInt64()).AsInt32();
        var b4 = Avx2.UnpackLow(a4.AsInt64(), a6.AsInt64()).AsInt32();
        var b5 = Avx2.UnpackHigh(a4.AsInt64(), a6.AsInt64()).AsInt32();
        var b6 = Avx2.UnpackLow(a5.AsInt64(), a7.AsInt64()).AsInt32();
        var b7 = Avx2.UnpackHigh(a5.AsInt64(), a7.AsInt64()).AsInt32();
        v0 = Avx2.Permute2x128(b0, b4, 0x20);
        v1 = Avx2.Permute2x128(b1, b5, 0x20);
        v2 = Avx2.Permute2x128(b2, b6, 0x20);
        v3 = Avx2.Permute2x128(b3, b7, 0x20);
        v4 = Avx2.Permute2x128(b0, b4, 0x31);
        v5 = Avx2.Permute2x128(b1, b5, 0x31);
        v6 = Avx2.Permute2x128(b2, b6, 0x31);
        v7 = Avx2.Permute2x128(b3, b7, 0x31);
    }

    // Two rows of eight samples, centred on 128 and clamped to 0..255.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> upper, Vector256<int> lower, byte* target, nint stride)
    {
        var words = Avx2.PackSignedSaturate(upper, lower) + Vector256.Create((short)128);
        var bytes = Avx2.PackUnsignedSaturate(words, words).AsUInt32();
        var first = bytes.GetLower();
        var second = bytes.GetUpper();
        *(uint*)target = first.ToScalar();
        *(uint*)(target + 4) = second.ToScalar();
        *(uint*)(target + stride) = first.GetElement(1);
        *(uint*)(target + stride + 4) = second.GetElement(1);
    }
}
