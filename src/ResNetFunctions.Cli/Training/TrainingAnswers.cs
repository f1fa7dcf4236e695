using System.Text.Json.Serialization;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Training;

namespace ResNetFunctions.Cli.Training;

internal sealed record TrainingSets(IReadOnlyList<string> Sets);

/// <param name="Name">The set's and the model's name.</param>
/// <param name="Run">The last training since the server started.</param>
/// <param name="Trained">The model's facts, if there is one.</param>
internal sealed record TrainingSet(string Name, IReadOnlyList<TrainingClass> Classes, TrainingState? Run, TrainingFacts? Trained);

internal sealed record TrainingClass(string Name, IReadOnlyList<string> Photos);

internal sealed record KeptPhoto(string Photo);

/// <summary>The progress of a training.</summary>
/// <param name="State">extracting, fitting, done, failed or stopped.</param>
/// <param name="Done">Of the current phase.</param>
internal sealed record TrainingState(string State, int Done, int Total)
{
    public string? Problem { get; init; }

    /// <summary>Photos that could not be used.</summary>
    public IReadOnlyList<SkippedPhoto>? Skipped { get; init; }

    public TrainedReport? Report { get; init; }
}

internal sealed record SkippedPhoto(string Class, string Photo, string Why);

/// <summary>A model's cross-validated accuracy.</summary>
/// <param name="Top1">In percent.</param>
/// <param name="Confusion">[real class][predicted class]: photos.</param>
/// <param name="Worst">The wrong photos with the highest confidence.</param>
internal sealed record TrainedReport(
    double Top1, int Photos, IReadOnlyList<ClassReport> Classes, IReadOnlyList<IReadOnlyList<int>> Confusion, IReadOnlyList<WorstPhoto> Worst)
{
    public static TrainedReport Of(TrainingReport report)
    {
        int[] classes = [.. Enumerable.Range(0, report.Classes.Count)];
        return new TrainedReport(
            report.Top1, report.Photos,
            [.. classes.Select(c => new ClassReport(report.Classes[c], report.PrecisionOf(c), report.RecallOf(c)))],
            [.. classes.Select(real => (IReadOnlyList<int>)[.. classes.Select(predicted => report.Confusion[real, predicted])])],
            [.. report.Worst.Select(photo => new WorstPhoto(photo.Class, Path.GetFileName(photo.File), photo.Predicted, photo.Confidence))]);
    }
}

/// <summary>In percent.</summary>
internal sealed record ClassReport(string Name, double? Precision, double Recall);

internal sealed record WorstPhoto(string Class, string Photo, string Predicted, float Confidence);

[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrainingSets))]
[JsonSerializable(typeof(TrainingSet))]
[JsonSerializable(typeof(TrainingState))]
[JsonSerializable(typeof(KeptPhoto))]
internal sealed partial class TrainingJson : JsonSerializerContext;
