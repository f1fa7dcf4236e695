namespace ResNetFunctions.ModelTools.Training;

/// <summary>Standardises each feature: mean 0 and standard deviation 1 over the training data.</summary>
internal sealed class Standardisation
{
    private readonly double[] _mean, _scale;

    private Standardisation(double[] mean, double[] scale) => (_mean, _scale) = (mean, scale);

    public static Standardisation Of(IReadOnlyList<float[]> rows)
    {
        int features = rows[0].Length;
        double[] mean = new double[features], scale = new double[features];
        foreach (float[] row in rows)
        {
            for (int f = 0; f < features; f++)
                mean[f] += row[f] / (double)rows.Count;
        }
        foreach (float[] row in rows)
        {
            for (int f = 0; f < features; f++)
                scale[f] += (row[f] - mean[f]) * (row[f] - mean[f]) / rows.Count;
        }
        // A constant feature becomes 0.
        for (int f = 0; f < features; f++)
            scale[f] = scale[f] > 0 ? Math.Sqrt(scale[f]) : 1;
        return new Standardisation(mean, scale);
    }

    public Rows Apply(IReadOnlyList<float[]> rows, long[] classes)
    {
        int features = _mean.Length;
        float[] standardised = new float[rows.Count * features];
        for (int r = 0; r < rows.Count; r++)
        {
            for (int f = 0; f < features; f++)
                standardised[(r * features) + f] = (float)((rows[r][f] - _mean[f]) / _scale[f]);
        }
        return new Rows(standardised, classes);
    }

    /// <summary>Folds the standardisation into the layer: w (x - mean) / scale + b is linear in x.</summary>
    /// <param name="point">Weights, [classes, features], then the biases.</param>
    /// <param name="classes">The number of classes.</param>
    public (float[] Weights, float[] Bias) Fold(double[] point, int classes)
    {
        int features = _mean.Length;
        float[] weights = new float[classes * features], bias = new float[classes];
        for (int c = 0; c < classes; c++)
        {
            double offset = point[(classes * features) + c];
            for (int f = 0; f < features; f++)
            {
                double weight = point[(c * features) + f] / _scale[f];
                weights[(c * features) + f] = (float)weight;
                offset -= weight * _mean[f];
            }
            bias[c] = (float)offset;
        }
        return (weights, bias);
    }
}
