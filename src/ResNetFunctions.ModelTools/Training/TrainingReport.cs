namespace ResNetFunctions.ModelTools.Training;

/// <summary>How good a trained classifier is: each photo judged by a fit that had not seen it.</summary>
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

    /// <summary>[real class, answered class]: how many photos.</summary>
    public int[,] Confusion { get; }

    /// <summary>The photos that were answered the most wrongly, worst first.</summary>
    public IReadOnlyList<WrongPhoto> Worst { get; }

    /// <summary>How many photos were judged: all that were usable.</summary>
    public int Photos => _predictions.Length;

    /// <summary>Of how many percent the answer was right.</summary>
    public double Top1 => 100.0 * _predictions.Count(static one => one.Predicted == one.Class) / Photos;

    /// <summary>How many photos a class has.</summary>
    public int PhotosOf(int @class) => Enumerable.Range(0, Classes.Count).Sum(predicted => Confusion[@class, predicted]);

    /// <summary>Of the photos that were answered with a class, how many percent are of it; null where none was.</summary>
    public double? PrecisionOf(int @class)
    {
        int answered = Enumerable.Range(0, Classes.Count).Sum(real => Confusion[real, @class]);
        return answered == 0 ? null : 100.0 * Confusion[@class, @class] / answered;
    }

    /// <summary>Of the photos of a class, how many percent were answered with it.</summary>
    public double RecallOf(int @class) => 100.0 * Confusion[@class, @class] / PhotosOf(@class);
}

/// <summary>A photo that was answered wrongly.</summary>
/// <param name="File">Its path.</param>
/// <param name="Class">What it shows.</param>
/// <param name="Predicted">What the answer was.</param>
/// <param name="Confidence">How sure the answer was, 0 to 1.</param>
public sealed record WrongPhoto(string File, string Class, string Predicted, float Confidence);
