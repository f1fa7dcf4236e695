namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>An activation tensor's statistics over the calibration photos.</summary>
internal sealed class TensorStatistics
{
    private double[] _sums = [];
    private double[] _squares = [];
    private long _perChannel;

    public Histogram Histogram { get; } = new();

    /// <param name="values">The tensor of one photo.</param>
    /// <param name="channels">The length of its second axis; the first is a batch of 1.</param>
    public void Add(ReadOnlySpan<float> values, int channels)
    {
        Histogram.Add(values);
        if (_sums.Length == 0)
            (_sums, _squares) = (new double[channels], new double[channels]);
        int area = values.Length / channels;
        _perChannel += area;
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<float> channel = values.Slice(c * area, area);
            _sums[c] += System.Numerics.Tensors.TensorPrimitives.Sum(channel);
            _squares[c] += System.Numerics.Tensors.TensorPrimitives.SumOfSquares(channel);
        }
    }

    public void Add(TensorStatistics other)
    {
        Histogram.Add(other.Histogram);
        if (_sums.Length == 0)
            (_sums, _squares) = (new double[other._sums.Length], new double[other._sums.Length]);
        _perChannel += other._perChannel;
        for (int c = 0; c < _sums.Length; c++)
        {
            _sums[c] += other._sums[c];
            _squares[c] += other._squares[c];
        }
    }

    public double[] Means() => Array.ConvertAll(_sums, sum => sum / _perChannel);

    public double[] MeanSquares() => Array.ConvertAll(_squares, sum => sum / _perChannel);
}
