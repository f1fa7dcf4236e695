namespace ResNetFunctions.ModelTools.Training;

/// <summary>Chooses the penalty by cross-validation: the one whose fits give the held-out photos' own classes the highest
/// probability.</summary>
internal static class CrossValidation
{
    // From strong to weak: each fit starts from the last one.
    private static readonly double[] Penalties = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001];

    // Beyond the best penalty, weaker ones only get worse and take the longest to fit.
    private const int Patience = 2;

    public static int Steps(int folds) => folds * Penalties.Length;

    /// <param name="photos">All photos.</param>
    /// <param name="classes">Their classes.</param>
    /// <param name="count">The number of classes.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="graph">For so many classes and features.</param>
    /// <param name="onStep">Called <see cref="Steps"/> times.</param>
    /// <param name="cancellationToken">Stops between two fits.</param>
    /// <returns>The penalty and its held-out predictions.</returns>
    public static (double Penalty, HeldOutPrediction[] Predictions) Run(
        IReadOnlyList<Photo> photos, long[] classes, int count, int folds, SoftmaxGraph graph, Action onStep, CancellationToken cancellationToken)
    {
        int[] foldOf = Divide(photos, classes, folds);
        var heldOut = new HeldOutPrediction[Penalties.Length][];
        double[] losses = new double[Penalties.Length];
        for (int p = 0; p < Penalties.Length; p++)
            heldOut[p] = new HeldOutPrediction[photos.Count];

        for (int fold = 0; fold < folds; fold++)
        {
            int[] seen = [.. Enumerable.Range(0, photos.Count).Where(i => foldOf[i] != fold)];
            int[] unseen = [.. Enumerable.Range(0, photos.Count).Where(i => foldOf[i] == fold)];
            Standardisation standardisation = Standardisation.Of([.. seen.Select(i => photos[i].Features)]);
            var regression = new SoftmaxRegression(graph, RowsOf(seen), count);
            Rows others = RowsOf(unseen);
            double lowest = double.PositiveInfinity;
            for (int p = 0, since = 0; p < Penalties.Length; p++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                onStep();
                if (since > Patience)
                {
                    losses[p] = double.PositiveInfinity;
                    continue;
                }
                regression.Fit(Penalties[p]);
                float[] probabilities = regression.Probabilities(others);
                double loss = 0;
                for (int i = 0; i < unseen.Length; i++)
                {
                    heldOut[p][unseen[i]] = HeldOutPrediction.Of(probabilities.AsSpan(i * count, count), (int)others.Classes[i]);
                    loss -= Math.Log(Math.Max(heldOut[p][unseen[i]].Own, float.Epsilon));
                }
                losses[p] += loss;
                since = loss < lowest ? 0 : since + 1;
                lowest = Math.Min(lowest, loss);
            }

            Rows RowsOf(int[] indices) =>
                standardisation.Apply([.. indices.Select(i => photos[i].Features)], [.. indices.Select(i => classes[i])]);
        }

        int best = Array.IndexOf(losses, losses.Min());
        return (Penalties[best], heldOut[best]);
    }

    // Each class is spread over the folds, in the order of the photos' hashes: names may tell when a photo was taken.
    private static int[] Divide(IReadOnlyList<Photo> photos, long[] classes, int folds)
    {
        int[] foldOf = new int[photos.Count];
        int next = 0;
        foreach (IGrouping<long, int> own in Enumerable.Range(0, photos.Count).GroupBy(i => classes[i]).OrderBy(static g => g.Key))
        {
            foreach (int i in own.OrderBy(i => photos[i].Sha256, StringComparer.Ordinal))
                foldOf[i] = next++ % folds;
        }
        return foldOf;
    }
}

/// <summary>The prediction for a photo by a fit of the other folds.</summary>
/// <param name="Class">The real class.</param>
/// <param name="Predicted">The most probable class.</param>
/// <param name="Confidence">Its probability.</param>
/// <param name="Own">The real class's probability.</param>
internal readonly record struct HeldOutPrediction(int Class, int Predicted, float Confidence, float Own)
{
    public static HeldOutPrediction Of(ReadOnlySpan<float> probabilities, int @class)
    {
        int predicted = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(probabilities);
        return new HeldOutPrediction(@class, predicted, probabilities[predicted], probabilities[@class]);
    }
}
