using ResNetFunctions.ModelTools.Training;

namespace ResNetFunctions.Tests.ModelTools.Training;

public sealed class SoftmaxRegressionTests
{
    // Loss and probabilities may differ by float32's rounding; the accuracy on unseen photos must be as good.
    [Theory]
    [InlineData(3, 8, 40, 0.01, 1000)]
    [InlineData(3, 8, 40, 0.0001, 10000)]
    [InlineData(30, 12, 12, 0.01, 800)]
    [InlineData(300, 12, 4, 0.003, 500)]
    public void Fit_MadeData_IsAsGoodAsThePlainFitInDouble(int classes, int features, int each, double penalty, int steps)
    {
        (double[][] seen, int[] own) = Data(classes, features, each, seed: 1);
        (double[][] unseen, int[] expected) = Data(classes, features, each, seed: 2);
        PlainSoftmax plain = new PlainSoftmax(seen, own, classes, penalty).Fit(steps);

        using var graph = new SoftmaxGraph(classes, features, threads: 2);
        var regression = new SoftmaxRegression(graph, RowsOf(seen, own), classes);
        double[] point = regression.Fit(penalty);

        double[][] weights = [.. Enumerable.Range(0, classes).Select(c =>
            (double[])[.. point.AsSpan(c * features, features), point[(classes * features) + c]])];
        double gained = plain.Loss(weights) - plain.Loss(plain.Weights);
        Assert.True(gained < 1e-5, $"The loss is {gained} above the plain fit's.");

        double[][] theirs = [.. unseen.Select(row => plain.Probabilities(plain.Weights, row))];
        float[] ours = regression.Probabilities(RowsOf(unseen, expected));
        int[] said = [.. Enumerable.Range(0, unseen.Length).Select(r => IndexOfMax([.. ours.AsSpan(r * classes, classes)]))];
        int right = said.Zip(expected).Count(pair => pair.First == pair.Second);
        int plainRight = theirs.Select(p => Array.IndexOf(p, p.Max())).Zip(expected).Count(pair => pair.First == pair.Second);
        Assert.InRange(right, plainRight - (unseen.Length / 500) - 1, unseen.Length);
        Assert.InRange(plainRight, unseen.Length / 2, unseen.Length - 1); // neither trivial nor hopeless
    }

    [Fact]
    public void Fit_MoreRowsThanARunTakes_SumsAllOfThem()
    {
        (double[][] rows, int[] own) = Data(3, 4, 1500, seed: 3);
        PlainSoftmax plain = new PlainSoftmax(rows, own, 3, 0.1).Fit(600);
        using var graph = new SoftmaxGraph(3, 4, threads: 1);

        double[] point = new SoftmaxRegression(graph, RowsOf(rows, own), 3).Fit(0.1);

        for (int c = 0; c < 3; c++)
        {
            for (int f = 0; f < 4; f++)
                Assert.Equal(plain.Weights[c][f], point[(c * 4) + f], 1e-3);
        }
    }

    [Fact]
    public void Fit_SameDataOnOtherThreads_GivesTheSameBits()
    {
        (double[][] rows, int[] own) = Data(30, 24, 12, seed: 4);
        double[][] points = [.. Enumerable.Range(1, 3).Select(threads =>
        {
            using var graph = new SoftmaxGraph(30, 24, threads);
            return new SoftmaxRegression(graph, RowsOf(rows, own), 30).Fit(0.01);
        })];

        Assert.Equal(points[0], points[1]);
        Assert.Equal(points[0], points[2]);
    }

    // Overhead a centre for each class, with noise that makes the classes overlap.
    private static (double[][] Rows, int[] Classes) Data(int classes, int features, int each, int seed)
    {
        var centres = new Random(7);
        double[][] centre = [.. Enumerable.Range(0, classes).Select(_ => Noise(centres, features, 1.5))];
        var random = new Random(seed);
        int[] own = [.. Enumerable.Range(0, classes * each).Select(i => i % classes)];
        return ([.. own.Select(c => centre[c].Zip(Noise(random, features, 1), static (a, b) => a + b).ToArray())], own);
    }

    private static double[] Noise(Random random, int count, double size) => [.. Enumerable.Range(0, count).Select(_ =>
        size * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];

    private static Rows RowsOf(double[][] rows, int[] classes) =>
        new([.. rows.SelectMany(static row => row.Select(static x => (float)x))], [.. classes.Select(static c => (long)c)]);

    private static int IndexOfMax(float[] values) => Array.IndexOf(values, values.Max());
}
