using System.Text.Json.Serialization;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Inference;

/// <summary>The answer to one image.</summary>
/// <param name="Model">The model that answered.</param>
/// <param name="Image">The image.</param>
/// <param name="Predictions">The top k classes, most confident first; equal ones in class order.</param>
/// <param name="Timings">How long each step took.</param>
public sealed record Classification(
    ModelIdentity Model, ImageInfo Image, IReadOnlyList<Prediction> Predictions, Timings Timings)
{
    /// <summary>The output before softmax, in class order, if it was asked for; null if the network itself gives
    /// probabilities.</summary>
    public IReadOnlyList<float>? Logits { get; init; }
}

/// <summary>The answer to one input tensor.</summary>
/// <param name="Predictions">The top k classes, most confident first; equal ones in class order.</param>
/// <param name="Logits">As <see cref="Classification.Logits"/>.</param>
public sealed record NetworkAnswer(IReadOnlyList<Prediction> Predictions, IReadOnlyList<float>? Logits);

/// <summary>One class and its confidence.</summary>
/// <param name="Index">The class's index in the model's output, from 0.</param>
/// <param name="Category">The WordNet id, such as n09193705; null if the model's classes have none.</param>
/// <param name="Label">The name, such as alp.</param>
/// <param name="Confidence">The probability, 0 to 1.</param>
public readonly record struct Prediction(
    int Index, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Category, string Label, float Confidence)
{
    private const int MaxOnStack = 1024;

    /// <summary>The top k classes; for a multi-label model, every class above its threshold.</summary>
    internal static Prediction[] Of(ModelSession session, Labels labels, ReadOnlySpan<float> scores, int k)
    {
        if (session.Threshold is not { } threshold || k == ClassifyParameters.AllClasses)
            return Top(scores, labels, k);
        int count = 0;
        foreach (float score in scores)
            count += score >= threshold ? 1 : 0;
        return Top(scores, labels, count);
    }

    internal static Prediction[] Top(ReadOnlySpan<float> scores, Labels labels, int k)
    {
        k = Math.Min(k, scores.Length);
        Span<int> indices = k <= MaxOnStack ? stackalloc int[k] : new int[k];
        TopK.Select(scores, indices);

        var predictions = new Prediction[indices.Length];
        for (int i = 0; i < predictions.Length; i++)
        {
            (string? category, string label) = labels[indices[i]];
            predictions[i] = new Prediction(indices[i], category, label, scores[indices[i]]);
        }
        return predictions;
    }
}

/// <summary>An image.</summary>
/// <param name="Format">jpeg, png, webp, gif or bmp.</param>
/// <param name="Width">In pixels as stored, before any EXIF orientation.</param>
/// <param name="Height">In pixels as stored, before any EXIF orientation.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">In lower-case hex.</param>
public sealed record ImageInfo(string Format, int Width, int Height, long Bytes, string Sha256);

/// <summary>How long each step took, in milliseconds.</summary>
/// <param name="QueueMs">Waiting for a turn.</param>
/// <param name="DecodeMs">From bytes to pixels.</param>
/// <param name="PreprocessMs">From pixels to the input tensor.</param>
/// <param name="InferenceMs">The network, softmax and top-k.</param>
/// <param name="TotalMs">All of it.</param>
public readonly record struct Timings(
    double QueueMs, double DecodeMs, double PreprocessMs, double InferenceMs, double TotalMs)
{
    internal static Timings From(
        TimeSpan queue, TimeSpan decode, TimeSpan preprocess, TimeSpan inference, TimeSpan total) =>
        new(Round(queue), Round(decode), Round(preprocess), Round(inference), Round(total));

    private static double Round(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
