namespace ResNetFunctions.Tests.ModelTools.Training;

/// <summary>The same fit, slow and plain: multinomial logistic regression in double precision by Nesterov's accelerated
/// gradient descent.</summary>
internal sealed class PlainSoftmax(double[][] rows, int[] classes, int count, double penalty)
{
    private readonly int _features = rows[0].Length;

    /// <summary>[class][feature], the bias last.</summary>
    public double[][] Weights { get; } = [.. Enumerable.Range(0, count).Select(_ => new double[rows[0].Length + 1])];

    public PlainSoftmax Fit(int steps)
    {
        // The loss curves at most half as much as the rows' squared lengths, on average.
        double rate = 1 / (penalty + (0.5 * rows.Average(row => 1 + row.Sum(x => x * x))));
        double[][] before = [.. Weights.Select(w => (double[])w.Clone())];
        for (int step = 0; step < steps; step++)
        {
            double momentum = step / (step + 3.0);
            double[][] ahead = [.. Weights.Zip(before, (w, b) => w.Zip(b, (now, then) => now + (momentum * (now - then))).ToArray())];
            double[][] gradient = Gradient(ahead);
            for (int c = 0; c < count; c++)
            {
                for (int f = 0; f <= _features; f++)
                    (before[c][f], Weights[c][f]) = (Weights[c][f], ahead[c][f] - (rate * gradient[c][f]));
            }
        }
        return this;
    }

    /// <summary>The objective at a point.</summary>
    public double Loss(double[][] weights) =>
        rows.Zip(classes, (row, c) => -Math.Log(Probabilities(weights, row)[c])).Average()
        + (penalty / 2 * weights.Sum(w => w[..^1].Sum(x => x * x)));

    public double[] Probabilities(double[][] weights, double[] row)
    {
        double[] logits = [.. weights.Select(w => w[_features] + Dot(w, row))];
        double max = logits.Max();
        double[] exp = [.. logits.Select(l => Math.Exp(l - max))];
        double sum = exp.Sum();
        return [.. exp.Select(e => e / sum)];
    }

    private double[][] Gradient(double[][] weights)
    {
        double[][] gradient = [.. weights.Select(w => w.Select((x, f) => f < _features ? penalty * x : 0).ToArray())];
        for (int r = 0; r < rows.Length; r++)
        {
            double[] p = Probabilities(weights, rows[r]);
            for (int c = 0; c < count; c++)
            {
                double d = (p[c] - (c == classes[r] ? 1 : 0)) / rows.Length;
                for (int f = 0; f < _features; f++)
                    gradient[c][f] += d * rows[r][f];
                gradient[c][_features] += d;
            }
        }
        return gradient;
    }

    private double Dot(double[] w, double[] row)
    {
        double sum = 0;
        for (int f = 0; f < _features; f++)
            sum += w[f] * row[f];
        return sum;
    }
}
