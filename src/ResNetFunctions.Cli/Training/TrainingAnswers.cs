using System.Text.Json.Serialization;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Training;

namespace ResNetFunctions.Cli.Training;

/// <summary>The sets of photos on this server.</summary>
internal sealed record TrainingSets(IReadOnlyList<string> Sets);

/// <summary>One set: its classes, and what its last training is at.</summary>
/// <param name="Name">The set's and the model's.</param>
/// <param name="Classes">The classes, by name.</param>
/// <param name="Run">The last training since the server started.</param>
/// <param name="Trained">The facts of the model that there is.</param>
internal sealed record TrainingSet(string Name, IReadOnlyList<TrainingClass> Classes, TrainingState? Run, TrainingFacts? Trained);

/// <summary>A class and its photos' names.</summary>
internal sealed record TrainingClass(string Name, IReadOnlyList<string> Photos);

/// <summary>A photo that was kept.</summary>
internal sealed record KeptPhoto(string Photo);

/// <summary>What a training is at.</summary>
/// <param name="State">looking, fitting, done, failed or stopped.</param>
/// <param name="Done">How much of the phase is done.</param>
/// <param name="Total">How much there is to do.</param>
internal sealed record TrainingState(string State, int Done, int Total)
{
    /// <summary>Why it failed.</summary>
    public string? Problem { get; init; }

    /// <summary>The photos that could not be used.</summary>
    public IReadOnlyList<SkippedPhoto>? Skipped { get; init; }

    /// <summary>How good the model is.</summary>
    public TrainedReport? Report { get; init; }
}

/// <summary>A photo that could not be used, and why.</summary>
internal sealed record SkippedPhoto(string Class, string Photo, string Why);

/// <summary>How good a model is, each photo judged by a fit that had not seen it.</summary>
/// <param name="Top1">Percent of the photos that were right.</param>
/// <param name="Photos">How many there were.</param>
/// <param name="Classes">The classes, in the order of the matrix.</param>
/// <param name="Confusion">A row for each real class: how many photos were answered as which.</param>
/// <param name="Worst">The photos that were answered the most wrongly.</param>
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

/// <summary>How good a model is at one class, in percent.</summary>
internal sealed record ClassReport(string Name, double? Precision, double Recall);

/// <summary>A photo that was answered wrongly.</summary>
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
