using System.Text.RegularExpressions;
using ResNetFunctions.Inference;
namespace ResNetFunctions.Cli;

/// <summary>A model's accuracy over photos whose class is known: by the WordNet id at the start of the name, or by the
/// folder.</summary>
/// <param name="folder">The folder whose subfolders are classes; null if the names tell.</param>
internal sealed partial class Accuracy(string? folder = null)
{
    private int _top1, _top5;

    public int Photos { get; private set; }

    /// <summary>A photo's class; null if it is unknown.</summary>
    public string? TruthOf(string photo)
    {
        if (folder is null)
            return WordNetId().Match(Path.GetFileName(photo)) is { Success: true, Value: var id } ? id : null;
        string path = Path.GetRelativePath(folder, photo);
        int end = path.IndexOf(Path.DirectorySeparatorChar, StringComparison.Ordinal);
        return end > 0 ? path[..end] : null;
    }

    /// <summary>Counts an answer, most confident class first. Photos of unknown class are skipped.</summary>
    public void Add(string photo, IReadOnlyList<Prediction> predictions)
    {
        if (TruthOf(photo) is not { } truth)
            return;
        Photos++;
        _top1 += predictions.Take(1).Any(Is) ? 1 : 0;
        _top5 += predictions.Take(5).Any(Is) ? 1 : 0;

        bool Is(Prediction prediction) => prediction.Category == truth || (folder is not null && prediction.Label == truth);
    }

    public override string ToString() => $"top-1 {100.0 * _top1 / Photos:F1} %, top-5 {100.0 * _top5 / Photos:F1} %";

    [GeneratedRegex(@"^n\d{8}")]
    private static partial Regex WordNetId();
}
