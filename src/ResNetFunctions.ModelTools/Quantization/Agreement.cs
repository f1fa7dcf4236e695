using ResNetFunctions.Inference;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>How much one model's answers are like another's, over photos.</summary>
public sealed class Agreement
{
    private const int Five = 5;

    private int _top1, _top5;
    private double _change;

    /// <summary>How many photos were compared.</summary>
    public int Photos { get; private set; }

    /// <summary>On how many percent of the photos both put the same class first.</summary>
    public double Top1 => 100.0 * _top1 / Photos;

    /// <summary>On how many percent of the photos the reference's first class is among the other's first five.</summary>
    public double Top5 => 100.0 * _top5 / Photos;

    /// <summary>The largest difference that any class's confidence (0 to 1) has on a photo, on average.</summary>
    public double ConfidenceChange => _change / Photos;

    /// <summary>Compares the answers to one photo.</summary>
    /// <param name="reference">All classes of the one, most confident first.</param>
    /// <param name="other">All classes of the other.</param>
    public void Add(IReadOnlyList<Prediction> reference, IReadOnlyList<Prediction> other)
    {
        Photos++;
        _top1 += reference[0].Index == other[0].Index ? 1 : 0;
        _top5 += other.Take(Five).Any(prediction => prediction.Index == reference[0].Index) ? 1 : 0;
        _change += reference.OrderBy(static p => p.Index)
            .Zip(other.OrderBy(static p => p.Index), static (a, b) => Math.Abs(a.Confidence - b.Confidence)).Max();
    }
}
