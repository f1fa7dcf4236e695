namespace ResNetFunctions.ModelTools.Training;

/// <summary>Chooses the penalty: the photos are divided into folds, each is judged by a fit of the others, and the penalty
/// whose fits give the judged photos' own classes the highest probability is taken.</summary>
internal static class CrossValidation
{
    // From strong to weak, half a decade a step: each fit begins where the last one ended.
    private static readonly double[] Penalties = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001];

    // A penalty that is too weak only gets worse from there on, and takes the longest to fit.
    private const int Patience = 2;

    public static int Steps(int folds) => folds * Penalties.Length;

    /// <param name="photos">All photos.</param>
    /// <param name="classes">Their classes.</param>
    /// <param name="count">How many classes there are.</param>
    /// <param name="folds">How many folds.</param>
    /// <param name="graph">For so many classes and features.</param>
    /// <param name="onStep">Called <see cref="Steps"/> times.</param>
    /// <param name="cancellationToken">Stops between two fits.</param>
    /// <returns>The penalty, and what the fits with it say of each photo that they had not seen.</returns>
    public static (double Penalty, HeldOutPrediction[] Judged) Run(
        IReadOnlyList<Photo> photos, long[] classes, int count, int folds, SoftmaxGraph graph, Action onStep, CancellationToken cancellationToken)
    {
        int[] foldOf = Divide(photos, classes, folds);
        var judged = new HeldOutPrediction[Penalties.Length][];
        double[] losses = new double[Penalties.Length];
        for (int p = 0; p < Penalties.Length; p++)
            judged[p] = new HeldOutPrediction[photos.Count];

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
                    judged[p][unseen[i]] = HeldOutPrediction.Of(probabilities.AsSpan(i * count, count), (int)others.Classes[i]);
                    loss -= Math.Log(Math.Max(judged[p][unseen[i]].Own, float.Epsilon));
                }
                losses[p] += loss;
                since = loss < lowest ? 0 : since + 1;
                lowest = Math.Min(lowest, loss);
            }

            Rows RowsOf(int[] indices) =>
                standardisation.Apply([.. indices.Select(i => photos[i].Features)], [.. indices.Select(i => classes[i])]);
        }

        int best = Array.IndexOf(losses, losses.Min());
        return (Penalties[best], judged[best]);
    }

    // Each class goes to the folds in turn, in an order that the photos' bytes give: names say when a photo was taken.
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

/// <summary>What a fit says of a photo that it had not seen.</summary>
/// <param name="Class">Its real class.</param>
/// <param name="Predicted">The class that is the most probable.</param>
/// <param name="Confidence">That one's probability.</param>
/// <param name="Own">The real class's probability.</param>
internal readonly record struct HeldOutPrediction(int Class, int Predicted, float Confidence, float Own)
{
    public static HeldOutPrediction Of(ReadOnlySpan<float> probabilities, int @class)
    {
        int predicted = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(probabilities);
        return new HeldOutPrediction(@class, predicted, probabilities[predicted], probabilities[@class]);
    }
}
