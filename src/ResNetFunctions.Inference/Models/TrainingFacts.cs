namespace ResNetFunctions.Inference.Models;

/// <summary>What a classifier of the user's own classes was made from, and how often it is right, measured by
/// cross-validation: each photo by a fit that had not seen it.</summary>
public sealed record TrainingFacts
{
    /// <summary>The model whose network gives the features.</summary>
    public required string On { get; init; }

    /// <summary>The lower-case hex SHA-256 of that model's weights.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The number of photos of each class, in the order of the model's output.</summary>
    public IReadOnlyList<int> Photos { get; set; } = [];

    /// <summary>How many parts the photos were divided into to measure.</summary>
    public int Folds { get; set; }

    /// <summary>The L2 penalty that the measurement chose, of half the square of a weight beside the mean loss.</summary>
    public double Penalty { get; set; }

    /// <summary>Of how many percent of the photos the first class was right.</summary>
    public double Top1 { get; set; }
}
