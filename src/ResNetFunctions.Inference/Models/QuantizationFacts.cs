namespace ResNetFunctions.Inference.Models;

/// <summary>The origin of an int8 model, and how well it agrees with the original, by cross-validation over two halves of
/// the photos.</summary>
public sealed record QuantizationFacts
{
    /// <summary>The original's name.</summary>
    public required string From { get; init; }

    /// <summary>The SHA-256 of the original's graph, in lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>How many photos the model was calibrated with.</summary>
    public int CalibrationPhotos { get; set; }

    /// <summary>On how many percent of the photos both have the same first class.</summary>
    public double Top1Agreement { get; set; }

    /// <summary>On how many percent of the photos the original's first class is among the int8 model's first five.</summary>
    public double Top5Agreement { get; set; }

    /// <summary>The largest change of any class's confidence (0 to 1) on a photo, on average.</summary>
    public double ConfidenceChange { get; set; }
}
