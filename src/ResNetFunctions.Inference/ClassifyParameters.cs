
namespace ResNetFunctions.Inference;

/// <summary>The parameters of a request.</summary>
public readonly record struct ClassifyParameters
{
    /// <summary>All of the model's classes.</summary>
    public const int AllClasses = int.MaxValue;

    /// <summary>How many predictions, 1 to 1000 or <see cref="AllClasses"/>; null for <see cref="ClassifierOptions.Top"/>.</summary>
    public int? Top { get; init; }

    /// <summary>The model's name; null for <see cref="Models.ModelStore.DefaultModel"/>.</summary>
    public string? Model { get; init; }

    /// <summary>The labels' language, en or zh; null for <see cref="ClassifierOptions.Language"/>. A model without labels in
    /// it answers with its own.</summary>
    public string? Language { get; init; }

    /// <summary>Whether to return <see cref="Classification.Logits"/>.</summary>
    public bool Logits { get; init; }
}
