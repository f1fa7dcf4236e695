namespace ResNetFunctions.Inference.Models;

/// <summary>The origin of a model of the user's own classes, and its cross-validated accuracy.</summary>
public sealed record TrainingFacts
{
    /// <summary>The base model, whose network gives the features.</summary>
    public required string On { get; init; }

    /// <summary>The SHA-256 of the base model's weights, in lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The number of photos of each class, in the order of the model's output.</summary>
    public IReadOnlyList<int> Photos { get; set; } = [];

    /// <summary>The folds of the cross-validation.</summary>
    public int Folds { get; set; }

    /// <summary>The L2 penalty: half the square of each weight, added to the mean loss.</summary>
    public double Penalty { get; set; }

    /// <summary>The accuracy in percent.</summary>
    public double Top1 { get; set; }
}
