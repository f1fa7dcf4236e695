using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Counts of numbers over [-Reach, Reach]. The reach is a power of two; it doubles for a larger number, and two
/// bins become one. So one pass is enough, and sums of histograms are exact. Zeros are left out: uint8 represents them
/// exactly.</summary>
internal sealed class Histogram
{
    /// <summary>The bins on either side of zero.</summary>
    public const int Side = 4096;

    // Smaller numbers are next to nothing for a network.
    private const int SmallestExponent = -20;

    private int _exponent = SmallestExponent;

    /// <summary>From -Reach up; the bins from <see cref="Side"/> on are positive.</summary>
    public long[] Counts { get; } = new long[2 * Side];

    public double Reach => Math.ScaleB(1, _exponent);

    /// <summary>At most 0.</summary>
    public float Min { get; private set; }

    /// <summary>At least 0.</summary>
    public float Max { get; private set; }

    /// <summary>The middle of a bin.</summary>
    public double Centre(int bin) => (bin - Side + 0.5) * Reach / Side;

    public void Add(ReadOnlySpan<float> values)
    {
        float min = System.Numerics.Tensors.TensorPrimitives.Min(values), max = System.Numerics.Tensors.TensorPrimitives.Max(values);
        if (!float.IsFinite(min) || !float.IsFinite(max))
            throw new InvalidModelException("The network's activations are not finite: it can't be quantized.");
        Widen(min, max);

        float perBin = (float)(Side / Reach);
        foreach (float value in values)
        {
            if (value != 0)
                Counts[Math.Clamp((int)MathF.Floor(value * perBin) + Side, 0, (2 * Side) - 1)]++;
        }
    }

    public void Add(Histogram other)
    {
        Widen(other.Min, other.Max);
        int coarser = _exponent - other._exponent;
        if (coarser < 0)
            throw new InvalidOperationException("A histogram's reach does not follow from its least and greatest number.");
        for (int bin = 0; bin < 2 * Side; bin++)
            Counts[((bin - Side) >> Math.Min(coarser, 31)) + Side] += other.Counts[bin];
    }

    private void Widen(float min, float max)
    {
        Min = Math.Min(Min, min);
        Max = Math.Max(Max, max);
        while (Reach < Math.Max(-Min, Max))
        {
            _exponent++;
            Halve();
        }
    }

    private void Halve()
    {
        long[] finer = [.. Counts];
        Array.Clear(Counts);
        for (int bin = 0; bin < 2 * Side; bin++)
            Counts[((bin - Side) >> 1) + Side] += finer[bin];
    }
}
