using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>The two passes of Pillow's 8-bit resampling (Resample.c) over RGBX pixels, one line at a time. The vector code
/// computes the same 32-bit sums as the scalar code.</summary>
/// <remarks>ReadyToRun does not precompile <c>Vector&lt;T&gt;</c>, or calls that take a vector and are not inlined, such as
/// <c>Vector256.Load</c>. The JIT would compile these without optimisation first. So vectors have a fixed length, are read
/// and written through pointers, and methods that take them are inlined.</remarks>
internal static unsafe class Resampler
{
    private const int Half = 1 << (ResizeKernelMap.PrecisionBits - 1);
    private const int Channels = 4;

    /// <summary>Resamples along a row.</summary>
    /// <param name="row">The source pixel at the map's position 0. Up to <see cref="ResizeKernelMap.TapGroup"/> - 1 pixels
    /// beyond the last weight are read.</param>
    /// <param name="map">The weights.</param>
    /// <param name="line">Room for the map's pixels.</param>
    public static void AlongRow(byte* row, in ResizeKernelMap map, byte* line)
    {
        var done = Vector128.IsHardwareAccelerated ? AlongRowVector(row, map, line) : 0;
        AlongRowScalar(row, map, done, line);
    }

    /// <summary>Resamples across rows.</summary>
    /// <param name="rows">The first byte of the first source row.</param>
    /// <param name="stride">The distance of the rows in bytes.</param>
    /// <param name="weights">From <see cref="ResizeKernelMap.WeightsOf"/>.</param>
    /// <param name="line">Room for <paramref name="length"/> bytes.</param>
    /// <param name="length">The bytes of a row.</param>
    public static void AcrossRows(byte* rows, nint stride, ReadOnlySpan<int> weights, byte* line, int length)
    {
        var done = Vector128.IsHardwareAccelerated ? AcrossRowsVector(rows, stride, weights, line, length) : 0;
        AcrossRowsScalar(rows + done, stride, weights, line + done, length - done);
    }

    internal static void AlongRowScalar(byte* row, in ResizeKernelMap map, int first, byte* line)
    {
        for (var x = first; x < map.Count; x++)
        {
            int red = Half, green = Half, blue = Half;
            var source = row + ((nint)map.Starts[x] * Channels);
            var weights = map.WeightsOf(x);
            for (var i = 0; i < weights.Length; i += Channels)
            {
                red += source[i] * weights[i];
                green += source[i + 1] * weights[i];
                blue += source[i + 2] * weights[i];
            }
            line[x * Channels] = ToByte(red);
            line[(x * Channels) + 1] = ToByte(green);
            line[(x * Channels) + 2] = ToByte(blue);
        }
    }

    internal static void AcrossRowsScalar(byte* rows, nint stride, ReadOnlySpan<int> weights, byte* line, int length)
    {
        for (var x = 0; x < length; x++)
        {
            var sum = Half;
            var source = rows + x;
            for (var i = 0; i < weights.Length; i += Channels, source += stride)
                sum += *source * weights[i];
            line[x] = ToByte(sum);
        }
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> ResizeKernelMap.PrecisionBits, 0, 255);

    // Four pixels at a time; returns how many were done.
    private static int AlongRowVector(byte* row, in ResizeKernelMap map, byte* line)
    {
        fixed (int* starts = map.Starts, weights = map.Weights)
        {
            var taps = map.Taps;
            var step = taps * Channels;
            var x = 0;
            var weight = weights;
            for (; x <= map.Count - 4; x += 4, weight += 4 * step)
            {
                var a = Sum(row + ((nint)starts[x] * Channels), weight, taps);
                var b = Sum(row + ((nint)starts[x + 1] * Channels), weight + step, taps);
                var c = Sum(row + ((nint)starts[x + 2] * Channels), weight + (2 * step), taps);
                var d = Sum(row + ((nint)starts[x + 3] * Channels), weight + (3 * step), taps);
                *(Vector128<byte>*)(line + (x * Channels)) = ToBytes(a, b, c, d);
            }
            return x;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Sum(byte* source, int* weights, int taps)
    {
        if (Avx2.IsSupported)
        {
            var wide = Vector256<int>.Zero;
            for (var tap = 0; tap < taps; tap += 4, source += 16, weights += 16)
            {
                wide += Avx2.ConvertToVector256Int32(source) * *(Vector256<int>*)weights;
                wide += Avx2.ConvertToVector256Int32(source + 8) * *(Vector256<int>*)(weights + 8);
            }
            return wide.GetLower() + wide.GetUpper();
        }

        var sum = Vector128<int>.Zero;
        for (var tap = 0; tap < taps; tap += 4, source += 16, weights += 16)
        {
            var bytes = *(Vector128<byte>*)source;
            Vector128<short> low = Vector128.WidenLower(bytes).AsInt16(), high = Vector128.WidenUpper(bytes).AsInt16();
            var weight = (Vector128<int>*)weights;
            sum += (Vector128.WidenLower(low) * weight[0]) + (Vector128.WidenUpper(low) * weight[1])
                + (Vector128.WidenLower(high) * weight[2]) + (Vector128.WidenUpper(high) * weight[3]);
        }
        return sum;
    }

    // Rounds; the saturating narrowing clamps to 0..255.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ToBytes(Vector128<int> a, Vector128<int> b, Vector128<int> c, Vector128<int> d)
    {
        var half = Vector128.Create(Half);
        var low = Vector128.NarrowWithSaturation(
            (a + half) >> ResizeKernelMap.PrecisionBits, (b + half) >> ResizeKernelMap.PrecisionBits);
        var high = Vector128.NarrowWithSaturation(
            (c + half) >> ResizeKernelMap.PrecisionBits, (d + half) >> ResizeKernelMap.PrecisionBits);
        return Vector128.NarrowWithSaturation(
            Vector128.Max(low, Vector128<short>.Zero).AsUInt16(), Vector128.Max(high, Vector128<short>.Zero).AsUInt16());
    }

    // Thirty-two bytes at a time, or sixteen; returns how many were done.
    private static int AcrossRowsVector(byte* rows, nint stride, ReadOnlySpan<int> weights, byte* line, int length)
    {
        var x = 0;
        if (Avx2.IsSupported)
        {
            for (; x <= length - 32; x += 32)
            {
                Vector256<int> a = Vector256<int>.Zero, b = a, c = a, d = a;
                var source = rows + x;
                for (var i = 0; i < weights.Length; i += Channels, source += stride)
                {
                    var weight = Vector256.Create(weights[i]);
                    a += Avx2.ConvertToVector256Int32(source) * weight;
                    b += Avx2.ConvertToVector256Int32(source + 8) * weight;
                    c += Avx2.ConvertToVector256Int32(source + 16) * weight;
                    d += Avx2.ConvertToVector256Int32(source + 24) * weight;
                }
                *(Vector128<byte>*)(line + x) = ToBytes(a.GetLower(), a.GetUpper(), b.GetLower(), b.GetUpper());
                *(Vector128<byte>*)(line + x + 16) = ToBytes(c.GetLower(), c.GetUpper(), d.GetLower(), d.GetUpper());
            }
        }

        for (; x <= length - 16; x += 16)
        {
            Vector128<int> a = Vector128<int>.Zero, b = a, c = a, d = a;
            var source = rows + x;
            for (var i = 0; i < weights.Length; i += Channels, source += stride)
            {
                var bytes = *(Vector128<byte>*)source;
                Vector128<short> low = Vector128.WidenLower(bytes).AsInt16(), high = Vector128.WidenUpper(bytes).AsInt16();
                var weight = Vector128.Create(weights[i]);
                a += Vector128.WidenLower(low) * weight;
                b += Vector128.WidenUpper(low) * weight;
                c += Vector128.WidenLower(high) * weight;
                d += Vector128.WidenUpper(high) * weight;
            }
            *(Vector128<byte>*)(line + x) = ToBytes(a, b, c, d);
        }
        return x;
    }
}
