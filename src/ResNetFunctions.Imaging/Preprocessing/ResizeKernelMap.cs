using System.Buffers;

namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>The source samples and weights of each sample that a resize and crop keeps along one axis, as Pillow computes
/// them (Resample.c: precompute_coeffs, normalize_coeffs_8bpc).</summary>
internal readonly struct ResizeKernelMap : IDisposable
{
    /// <summary>Fraction bits of the fixed-point weights: 32, less 8 for the sample, less 2 for sign and
    /// overshoot.</summary>
    public const int PrecisionBits = 32 - 8 - 2;

    /// <summary>Vector code reads weights in groups of this size, padded with 0.</summary>
    public const int TapGroup = 4;

    private const int Channels = 4;

    private readonly int[] _starts;
    private readonly int[] _lengths;
    private readonly int[] _weights;

    private ResizeKernelMap(int count, int taps)
    {
        Count = count;
        Taps = (taps + TapGroup - 1) / TapGroup * TapGroup;
        _starts = ArrayPool<int>.Shared.Rent(count);
        _lengths = ArrayPool<int>.Shared.Rent(count);
        _weights = ArrayPool<int>.Shared.Rent(count * Taps * Channels);
    }

    public int Count { get; }

    /// <summary>Stored taps of each sample, a multiple of <see cref="TapGroup"/>.</summary>
    public int Taps { get; }

    /// <summary>The range of source samples that are read; the end is exclusive.</summary>
    public (int First, int End) Reach { get; private init; }

    /// <summary>The first source sample of each kept sample.</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, Count);

    /// <summary>All weights. Each is stored four times, for the four channels of a pixel, so that vectors can be
    /// multiplied.</summary>
    public ReadOnlySpan<int> Weights => Row(0, Count * Taps);

    /// <summary>One sample's weights without padding, each four times.</summary>
    public ReadOnlySpan<int> WeightsOf(int sample) => Row(sample, _lengths[sample]);

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
        var scale = axis.Scale;
        var stretch = Math.Max(scale, 1);
        var support = filter.Support * stretch;
        var taps = (int)Math.Min(((long)Math.Ceiling(support) * 2) + 1, axis.Source);
        var map = new ResizeKernelMap(axis.Count, taps);

        Span<double> weights = taps <= 256 ? stackalloc double[taps] : new double[taps];
        for (var i = 0; i < axis.Count; i++)
        {
            var (center, start, length) = Window(axis, i, scale, support);
            var kernel = weights[..length];
            var sum = 0.0;
            for (var x = 0; x < length; x++)
                sum += kernel[x] = filter.Weight((x + start - center + 0.5) * (1 / stretch));
            for (var x = 0; x < length && sum != 0; x++)
                kernel[x] /= sum;
            if (mirrored)
            {
                kernel.Reverse();
                start = (int)axis.Source - start - length;
            }
            map.Store(i, start, kernel);
        }
        return map with { Reach = ReachOf(filter, axis, mirrored) };
    }

    /// <inheritdoc cref="Create"/>
    public static (int First, int End) ReachOf(ResizeFilter filter, in CropAxis axis, bool mirrored)
    {
        var scale = axis.Scale;
        var support = filter.Support * Math.Max(scale, 1);
        var (_, first, _) = Window(axis, 0, scale, support);
        var (_, last, length) = Window(axis, axis.Count - 1, scale, support);
        return mirrored ? ((int)axis.Source - last - length, (int)axis.Source - first) : (first, last + length);
    }

    private static (double Center, int Start, int Length) Window(in CropAxis axis, int sample, double scale, double support)
    {
        var center = axis.Start + ((axis.First + sample + 0.5) * scale);
        var start = (int)Math.Max((long)(center - support + 0.5), 0);
        return (center, start, (int)(Math.Min((long)(center + support + 0.5), axis.Source) - start));
    }

    private Span<int> Row(int sample, int taps) => _weights.AsSpan(sample * Taps * Channels, taps * Channels);

    private void Store(int sample, int start, ReadOnlySpan<double> kernel)
    {
        _starts[sample] = start;
        _lengths[sample] = kernel.Length;
        var row = Row(sample, Taps);
        for (var tap = 0; tap < kernel.Length; tap++)
        {
            // Span.Fill's vectors are not precompiled.
            var weight = ToFixedPoint(kernel[tap]);
            row[(tap * Channels) + 3] = row[(tap * Channels) + 2] = row[(tap * Channels) + 1] = row[tap * Channels] = weight;
        }
        row[(kernel.Length * Channels)..].Clear();
    }

    private static int ToFixedPoint(double weight) =>
        (int)((weight * (1 << PrecisionBits)) + (weight < 0 ? -0.5 : 0.5));
}
