namespace ResNetFunctions.Inference.Models;

/// <summary>What a float16 model was made from, and how like it answers.</summary>
public sealed record Float16Facts
{
    /// <summary>The model that it was made from.</summary>
    public required string From { get; init; }

    /// <summary>The lower-case hex SHA-256 of the graph that it was made from.</summary>
    public required string Sha256 { get; init; }

    /// <summary>On how many photos the two were compared; 0: on none.</summary>
    public int Photos { get; set; }

    /// <summary>On how many percent of the photos both put the same class first.</summary>
    public double? Top1Agreement { get; set; }

    /// <summary>On how many percent of the photos the original's first class is among the float16 model's first five.</summary>
    public double? Top5Agreement { get; set; }

    /// <summary>The largest difference of any class's confidence (0 to 1) on a photo, on average.</summary>
    public double? ConfidenceChange { get; set; }
}
