
namespace ResNetFunctions.Inference;

/// <summary>What is asked of an image.</summary>
public readonly record struct ClassifyParameters
{
    /// <summary>As many predictions as the model has classes.</summary>
    public const int AllClasses = int.MaxValue;

    /// <summary>How many predictions, 1 to 1000 or <see cref="AllClasses"/>; null for <see cref="ClassifierOptions.Top"/>.</summary>
    public int? Top { get; init; }

    /// <summary>The model's name; null for <see cref="Models.ModelStore.DefaultModel"/>.</summary>
    public string? Model { get; init; }

    /// <summary>The labels' language, en or zh; null for <see cref="ClassifierOptions.Language"/>. A model that has no names
    /// in it answers with its own.</summary>
    public string? Language { get; init; }

    /// <summary>Whether <see cref="Classification.Logits"/> are wanted too.</summary>
    public bool Logits { get; init; }
}
