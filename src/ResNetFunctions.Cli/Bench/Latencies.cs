namespace ResNetFunctions.Cli.Bench;

/// <summary>How long each of many things took, in milliseconds.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];

    public int Count => _milliseconds.Count;

    public void Add(double milliseconds)
    {
        lock (_milliseconds)
            _milliseconds.Add(milliseconds);
    }

    /// <summary>The time that a share of them (0 to 1) took at most; 0 where there are none.</summary>
    public double Percentile(double share)
    {
        if (_milliseconds.Count == 0)
            return 0;
        double[] sorted = [.. _milliseconds.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
