namespace ResNetFunctions.Cli.Bench;

internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];

    public int Count => _milliseconds.Count;

    public void Add(double milliseconds)
    {
        lock (_milliseconds)
            _milliseconds.Add(milliseconds);
    }

    /// <summary>The time within which a share of them (0 to 1) ended; 0 if there are none.</summary>
    public double Percentile(double share)
    {
        if (_milliseconds.Count == 0)
            return 0;
        double[] sorted = [.. _milliseconds.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
