namespace ResNetFunctions.ModelTools.Training;

/// <summary>A model's cross-validated accuracy.</summary>
public sealed class TrainingReport
{
    private const int MaxShown = 10;

    private readonly HeldOutPrediction[] _predictions;

    internal TrainingReport(IReadOnlyList<string> classes, IReadOnlyList<Photo> photos, HeldOutPrediction[] predictions)
    {
        _predictions = predictions;
        Classes = classes;
        Confusion = new int[classes.Count, classes.Count];
        foreach (HeldOutPrediction one in predictions)
            Confusion[one.Class, one.Predicted]++;
        Worst = [.. predictions.Zip(photos)
            .Where(static pair => pair.First.Predicted != pair.First.Class)
            .OrderBy(static pair => pair.First.Own).ThenBy(static pair => pair.Second.File, StringComparer.Ordinal)
            .Take(MaxShown)
            .Select(pair => new WrongPhoto(pair.Second.File, classes[pair.First.Class], classes[pair.First.Predicted], pair.First.Confidence))];
    }

    /// <summary>The classes, in the order of the model's output.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>[real class, predicted class]: photos.</summary>
    public int[,] Confusion { get; }

    /// <summary>The wrong predictions with the highest confidence.</summary>
    public IReadOnlyList<WrongPhoto> Worst { get; }

    /// <summary>All usable photos.</summary>
    public int Photos => _predictions.Length;

    /// <summary>In percent.</summary>
    public double Top1 => 100.0 * _predictions.Count(static one => one.Predicted == one.Class) / Photos;

    /// <summary>The photos of a class.</summary>
    public int PhotosOf(int @class) => Enumerable.Range(0, Classes.Count).Sum(predicted => Confusion[@class, predicted]);

    /// <summary>In percent; null if no photo was predicted as this class.</summary>
    public double? PrecisionOf(int @class)
    {
        int answered = Enumerable.Range(0, Classes.Count).Sum(real => Confusion[real, @class]);
        return answered == 0 ? null : 100.0 * Confusion[@class, @class] / answered;
    }

    /// <summary>In percent.</summary>
    public double RecallOf(int @class) => 100.0 * Confusion[@class, @class] / PhotosOf(@class);
}

/// <summary>A wrong prediction.</summary>
/// <param name="File">The photo's path.</param>
/// <param name="Class">The real class.</param>
/// <param name="Predicted">The predicted class.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record WrongPhoto(string File, string Class, string Predicted, float Confidence);
