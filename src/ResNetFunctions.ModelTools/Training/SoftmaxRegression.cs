using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace ResNetFunctions.ModelTools.Training;

/// <summary>Multinomial logistic regression with an L2 penalty, fitted with MathNet's L-BFGS: mean cross-entropy + penalty /
/// 2 * the sum of the squared weights. Biases are not penalised.</summary>
internal sealed class SoftmaxRegression
{
    // Products are in float32: a smaller gradient is noise.
    private const double GradientTolerance = 1e-6, ChangeTolerance = 1e-9;
    private const int Memory = 10, MaxIterations = 500;

    private readonly SoftmaxGraph _graph;
    private readonly Rows _rows;
    private readonly int _classes, _features;
    private readonly float[] _weights, _bias;
    private double[] _best;

    /// <param name="graph">For so many classes and features.</param>
    /// <param name="rows">The training data, standardised.</param>
    /// <param name="classes">The number of classes.</param>
    public SoftmaxRegression(SoftmaxGraph graph, Rows rows, int classes)
    {
        _graph = graph;
        _rows = rows;
        _classes = classes;
        _features = rows.Features.Length / rows.Count;
        (_weights, _bias) = (new float[classes * _features], new float[classes]);
        _best = new double[classes * (_features + 1)];
    }

    /// <summary>Fits with a penalty, starting from the last fit.</summary>
    /// <returns>The weights, [classes, features], then the biases.</returns>
    public double[] Fit(double penalty)
    {
        double lowest = double.PositiveInfinity;
        IObjectiveFunction objective = ObjectiveFunction.Gradient(at =>
        {
            double[] gradient = new double[at.Count];
            double loss = Loss(at, penalty, gradient);
            if (loss < lowest)
                (lowest, _best) = (loss, at.ToArray());
            return (loss, CreateVector.Dense(gradient));
        });
        try
        {
            new LimitedMemoryBfgsMinimizer(GradientTolerance, ChangeTolerance, ChangeTolerance, Memory, MaxIterations)
                .FindMinimum(objective, CreateVector.Dense((double[])_best.Clone()));
        }
        catch (OptimizationException)
        {
            // The line search found no better point in float32; the best one is kept.
        }
        return _best;
    }

    /// <summary>The probabilities for other rows, by the last fit.</summary>
    public float[] Probabilities(Rows rows)
    {
        Split(_best);
        return _graph.Probabilities(rows, _weights, _bias);
    }

    private double Loss(Vector<double> at, double penalty, double[] gradient)
    {
        double[] point = at.AsArray() ?? at.ToArray();
        Split(point);
        double loss = _graph.Loss(_rows, _weights, _bias, gradient), squares = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            squares += point[i] * point[i];
            gradient[i] += penalty * point[i];
        }
        return loss + (penalty / 2 * squares);
    }

    private void Split(ReadOnlySpan<double> point)
    {
        for (int i = 0; i < _weights.Length; i++)
            _weights[i] = (float)point[i];
        for (int c = 0; c < _classes; c++)
            _bias[c] = (float)point[_weights.Length + c];
    }
}
