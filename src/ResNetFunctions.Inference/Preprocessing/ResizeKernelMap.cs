using System.Buffers;

namespace ResNetFunctions.Inference.Preprocessing;

/// <summary>
/// For each sample that a resize and crop keeps along one axis: where in the source it starts to read, and the
/// weights of what it reads, as Pillow computes them (Resample.c: precompute_coeffs, normalize_coeffs_8bpc).
/// </summary>
internal readonly struct ResizeKernelMap : IDisposable
{
    /// <summary>Weights are fixed-point numbers with this many fraction bits: 32, less 8 for the sample, less 2
    /// for sign and overshoot.</summary>
    public const int PrecisionBits = 32 - 8 - 2;

    private readonly int[] _starts;
    private readonly int[] _lengths;
    private readonly int[] _weights;
    private readonly int _taps;

    private ResizeKernelMap(int count, int taps)
    {
        Count = count;
        _taps = taps;
        _starts = ArrayPool<int>.Shared.Rent(count);
        _lengths = ArrayPool<int>.Shared.Rent(count);
        _weights = ArrayPool<int>.Shared.Rent(count * taps);
    }

    /// <summary>How many samples the axis keeps.</summary>
    public int Count { get; }

    /// <summary>The source samples that any kept sample reads: the first one, and the one after the last.</summary>
    public (int First, int End) Reach { get; private init; }

    public int Start(int sample) => _starts[sample];

    public ReadOnlySpan<int> Weights(int sample) => _weights.AsSpan(sample * _taps, _lengths[sample]);

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_starts);
        ArrayPool<int>.Shared.Return(_lengths);
        ArrayPool<int>.Shared.Return(_weights);
    }

    /// <param name="filter">The resampling filter.</param>
    /// <param name="axis">The resize and the crop.</param>
    /// <param name="mirrored">Whether the source is stored backwards.</param>
    public static ResizeKernelMap Create(ResizeFilter filter, in CropAxis axis, bool mirrored)
    {
        var scale = (double)axis.Source / axis.Resized;
        var stretch = Math.Max(scale, 1);
        var support = filter.Support * stretch;
        var taps = (int)Math.Min(((long)Math.Ceiling(support) * 2) + 1, axis.Source);
        var map = new ResizeKernelMap(axis.Count, taps);

        int first = int.MaxValue, end = 0;
        Span<double> weights = taps <= 256 ? stackalloc double[taps] : new double[taps];
        for (var i = 0; i < axis.Count; i++)
        {
            var center = (axis.First + i + 0.5) * scale;
            var start = (int)Math.Max((long)(center - support + 0.5), 0);
            var length = (int)(Math.Min((long)(center + support + 0.5), axis.Source) - start);
            var sum = 0.0;
            for (var x = 0; x < length; x++)
                sum += weights[x] = filter.Weight((x + start - center + 0.5) * (1 / stretch));

            var row = map._weights.AsSpan(i * taps, length);
            for (var x = 0; x < length; x++)
                row[x] = ToFixedPoint(sum != 0 ? weights[x] / sum : weights[x]);

            if (mirrored)
            {
                row.Reverse();
                start = (int)axis.Source - start - length;
            }
            map._starts[i] = start;
            map._lengths[i] = length;
            first = Math.Min(first, start);
            end = Math.Max(end, start + length);
        }
        return map with { Reach = (first, end) };
    }

    private static int ToFixedPoint(double weight) =>
        (int)((weight * (1 << PrecisionBits)) + (weight < 0 ? -0.5 : 0.5));
}
