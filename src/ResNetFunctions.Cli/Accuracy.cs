using System.Text.RegularExpressions;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Cli;

/// <summary>How often a model is right about photos whose names begin with their WordNet id.</summary>
internal sealed partial class Accuracy
{
    private int _top1, _top5;

    /// <summary>How many photos it was asked about.</summary>
    public int Photos { get; private set; }

    /// <summary>Whether a photo's name tells what it shows.</summary>
    public static bool Knows(string photo) => WordNetId().IsMatch(Path.GetFileName(photo));

    /// <summary>Counts an answer, most confident class first; one whose photo's name tells nothing is left out.</summary>
    public void Add(string photo, IReadOnlyList<Prediction> predictions)
    {
        if (WordNetId().Match(Path.GetFileName(photo)) is not { Success: true, Value: var id })
            return;
        Photos++;
        _top1 += predictions[0].Category == id ? 1 : 0;
        _top5 += predictions.Take(5).Any(prediction => prediction.Category == id) ? 1 : 0;
    }

    public override string ToString() => $"top-1 {100.0 * _top1 / Photos:F1} %, top-5 {100.0 * _top5 / Photos:F1} %";

    [GeneratedRegex(@"^n\d{8}")]
    private static partial Regex WordNetId();
}
