namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Chooses the range of an activation tensor with the least mean square error. A wider range rounds more coarsely
/// (an error of step²/12 for each number inside); a narrower one cuts numbers off.</summary>
internal static class RangeSearch
{
    private const int Steps = 128;

    /// <param name="histogram">The tensor's numbers.</param>
    /// <param name="bounds">What the tensor's consumers can tell apart.</param>
    public static UInt8Scale Find(Histogram histogram, Bounds bounds)
    {
        double min = Math.Max(histogram.Min, bounds.Low), max = Math.Min(histogram.Max, bounds.High);
        var tails = new Tails(histogram);
        UInt8Scale best = UInt8Scale.Over(min, max);
        double least = double.PositiveInfinity;
        for (int l = min < 0 ? 1 : Steps; l <= Steps; l++)
        {
            for (int h = max > 0 ? 1 : Steps; h <= Steps; h++)
            {
                UInt8Scale scale = UInt8Scale.Over(min * l / Steps, max * h / Steps);
                double error = tails.Error(scale, bounds);
                if (error < least)
                    (best, least) = (scale, error);
            }
        }
        return best;
    }

    /// <summary>Sums of counts, numbers and squares up to each bin, so that any range's error takes a few
    /// subtractions.</summary>
    private sealed class Tails
    {
        private readonly double[,] _sums = new double[(2 * Histogram.Side) + 1, 3];
        private readonly Histogram _histogram;

        public Tails(Histogram histogram)
        {
            _histogram = histogram;
            for (int bin = 0; bin < 2 * Histogram.Side; bin++)
            {
                double centre = histogram.Centre(bin), count = histogram.Counts[bin];
                _sums[bin + 1, 0] = _sums[bin, 0] + count;
                _sums[bin + 1, 1] = _sums[bin, 1] + (count * centre);
                _sums[bin + 1, 2] = _sums[bin, 2] + (count * centre * centre);
            }
        }

        public double Error(UInt8Scale scale, Bounds bounds)
        {
            int floor = Bin(bounds.Low), low = Math.Max(floor, Bin(scale.Low));
            int ceiling = Bin(bounds.High), high = Math.Min(ceiling, Bin(scale.High));
            double inside = _sums[high, 0] - _sums[low, 0];
            return (inside * scale.Scale * scale.Scale / 12) + Cut(floor, low, scale.Low) + Cut(high, ceiling, scale.High);
        }

        // The error of replacing all numbers in these bins by one value.
        private double Cut(int from, int to, double value) => Math.Max(0,
            (_sums[to, 2] - _sums[from, 2]) - (2 * value * (_sums[to, 1] - _sums[from, 1]))
            + (value * value * (_sums[to, 0] - _sums[from, 0])));

        private int Bin(double value) => (int)Math.Clamp(
            Math.Round(value / _histogram.Reach * Histogram.Side) + Histogram.Side, 0, 2 * Histogram.Side);
    }
}

/// <summary>The range outside which a tensor's consumers treat all numbers alike.</summary>
internal readonly record struct Bounds(double Low, double High)
{
    public static Bounds None { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    public Bounds Within(Bounds other) => new(Math.Max(Low, other.Low), Math.Min(High, other.High));
}
