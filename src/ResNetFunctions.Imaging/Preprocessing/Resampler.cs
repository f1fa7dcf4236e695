using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>
/// The two passes of Pillow's 8-bit resampling (Resample.c) over RGBX pixels, one line at a time. The vector forms
/// compute the same 32-bit integer sums as the scalar ones, so every byte is the same.
/// </summary>
internal static unsafe class Resampler
{
    private const int Half = 1 << (ResizeKernelMap.PrecisionBits - 1);
    private const int Channels = 4;

    /// <summary>Resamples along a row: each pixel of the line from neighbours in one source row.</summary>
    /// <param name="row">The source pixel that the map calls 0. What is read may reach
    /// <see cref="ResizeKernelMap.TapGroup"/> - 1 pixels beyond the last that has a weight.</param>
    /// <param name="map">Where each pixel reads, and the weights.</param>
    /// <param name="line">Room for the map's pixels.</param>
    public static void AlongRow(byte* row, in ResizeKernelMap map, byte* line)
    {
        var done = Vector128.IsHardwareAccelerated ? AlongRowVector(row, map, line) : 0;
        AlongRowScalar(row, map, done, line);
    }

    /// <summary>Resamples across rows: each byte of the line from the bytes above each other in the source rows.</summary>
    /// <param name="rows">The first byte of the first source row that the sample reads.</param>
    /// <param name="stride">The distance of the rows in bytes.</param>
    /// <param name="weights">The sample's, as <see cref="ResizeKernelMap.WeightsOf"/> gives them.</param>
    /// <param name="line">Room for <paramref name="length"/> bytes.</param>
    /// <param name="length">How many bytes of each row.</param>
    public static void AcrossRows(byte* rows, nint stride, ReadOnlySpan<int> weights, byte* line, int length)
    {
        var done = Vector.IsHardwareAccelerated ? AcrossRowsVector(rows, stride, weights, line, length) : 0;
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

    // Four pixels a turn; returns how many were done.
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
                ToBytes(a, b, c, d).Store(line + (x * Channels));
            }
            return x;
        }
    }

    // The weighted sums of one pixel's four channels.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Sum(byte* source, int* weights, int taps)
    {
        if (Avx2.IsSupported)
        {
            var wide = Vector256<int>.Zero;
            for (var tap = 0; tap < taps; tap += 4, source += 16, weights += 16)
            {
                wide += Avx2.ConvertToVector256Int32(source) * Vector256.Load(weights);
                wide += Avx2.ConvertToVector256Int32(source + 8) * Vector256.Load(weights + 8);
            }
            return wide.GetLower() + wide.GetUpper();
        }

        var sum = Vector128<int>.Zero;
        for (var tap = 0; tap < taps; tap += 4, source += 16, weights += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(source));
            var (first, second) = Vector128.Widen(low.AsInt16());
            var (third, fourth) = Vector128.Widen(high.AsInt16());
            sum += (first * Vector128.Load(weights)) + (second * Vector128.Load(weights + 4))
                + (third * Vector128.Load(weights + 8)) + (fourth * Vector128.Load(weights + 12));
        }
        return sum;
    }

    // Narrowing with saturation clamps to 0..255.
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

    private static int AcrossRowsVector(byte* rows, nint stride, ReadOnlySpan<int> weights, byte* line, int length)
    {
        var x = 0;
        for (; x <= length - Vector<byte>.Count; x += Vector<byte>.Count)
        {
            Vector<int> a = new(Half), b = a, c = a, d = a;
            var source = rows + x;
            for (var i = 0; i < weights.Length; i += Channels, source += stride)
            {
                Vector.Widen(Vector.Load(source), out var low, out var high);
                Vector.Widen(low.As<ushort, short>(), out var first, out var second);
                Vector.Widen(high.As<ushort, short>(), out var third, out var fourth);
                var weight = new Vector<int>(weights[i]);
                a += first * weight;
                b += second * weight;
                c += third * weight;
                d += fourth * weight;
            }
            Vector.Store(
                Vector.NarrowWithSaturation(ToUInt16(a, b), ToUInt16(c, d)), line + x);
        }
        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<ushort> ToUInt16(Vector<int> low, Vector<int> high) => Vector.Max(
        Vector.NarrowWithSaturation(low >> ResizeKernelMap.PrecisionBits, high >> ResizeKernelMap.PrecisionBits),
        Vector<short>.Zero).As<short, ushort>();
}
