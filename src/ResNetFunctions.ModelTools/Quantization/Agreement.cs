using ResNetFunctions.Inference;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>How well one model's answers agree with another's.</summary>
public sealed class Agreement
{
    private const int Five = 5;

    private int _top1, _top5;
    private double _change;

    /// <summary>How many photos were compared.</summary>
    public int Photos { get; private set; }

    /// <summary>On how many percent of the photos both have the same first class.</summary>
    public double Top1 => 100.0 * _top1 / Photos;

    /// <summary>On how many percent of the photos the reference's first class is among the other's first five.</summary>
    public double Top5 => 100.0 * _top5 / Photos;

    /// <summary>The largest change of any class's confidence (0 to 1) on a photo, on average.</summary>
    public double ConfidenceChange => _change / Photos;

    /// <summary>Compares the answers to one photo.</summary>
    /// <param name="reference">The reference's classes, most confident first; a missing class counts as 0.</param>
    /// <param name="other">The other's classes.</param>
    public void Add(IReadOnlyList<Prediction> reference, IReadOnlyList<Prediction> other)
    {
        Photos++;
        int? first = First(reference);
        _top1 += first == First(other) ? 1 : 0;
        _top5 += (first is null && other.Count == 0) || other.Take(Five).Any(prediction => prediction.Index == first) ? 1 : 0;
        _change += reference.Concat(other).GroupBy(static p => p.Index).Select(Change).DefaultIfEmpty().Max();

        static float Change(IGrouping<int, Prediction> of) =>
            of.Count() == 1 ? of.First().Confidence : Math.Abs(of.First().Confidence - of.Last().Confidence);
    }

    private static int? First(IReadOnlyList<Prediction> predictions) => predictions.Count > 0 ? predictions[0].Index : null;
}
