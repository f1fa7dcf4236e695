using System.CommandLine;
using System.Globalization;
using ResNetFunctions.Api;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Training;
using Spectre.Console;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet train NAME DIR</c></summary>
internal static class TrainCommand
{
    // A wider table fits no terminal, so with more classes the most confused pairs are listed.
    private const int MaxColumns = 12, MaxPairs = 10;

    public static ExampleCommand Create()
    {
        var name = new Argument<string>("NAME") { Description = "The new model's name." };
        var folder = new Argument<DirectoryInfo>("DIR")
        {
            Description = "A folder that has a folder of photos for each class: at least 2 classes and 5 photos of each, better 50.",
        }.AcceptExistingOnly();
        var on = new Option<string>("--on")
        {
            Description = "The base model, whose network computes the features.",
            HelpName = "MODEL",
            DefaultValueFactory = static _ => ModelStore.Bundled,
        };
        var folds = new Option<int>("--folds")
        {
            Description = "The folds of the cross-validation, 2 to 20.",
            HelpName = "N",
            DefaultValueFactory = static _ => 5,
        };

        var command = new ExampleCommand("train", "Make a model of your own classes from folders of photos.", "resnet train bees photos") { name, folder, on, folds };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(name), parsed.GetRequiredValue(folder), parsed.GetRequiredValue(on), parsed.GetValue(folds), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string name, DirectoryInfo folder, string on, int folds, CancellationToken cancellationToken)
    {
        ResNetOptions options = CommonOptions.Settings(CommonOptions.Configuration(), on, null);
        var store = new ModelStore(options);
        await FirstUse.PrepareAsync(store, on, cancellationToken);
        Manifest network = store.Find(on);

        List<string> skipped = [];
        (Manifest Manifest, string Onnx, TrainingReport Report)? trained = null;
        await Terminal.TwoPhasesAsync("Computing features", "Fitting", progress => Task.Run(
            () => trained = new ModelTrainer(store, options)
            {
                OnSkipped = (photo, why) => skipped.Add($"{Path.GetRelativePath(folder.FullName, photo)}: {why}"),
                OnProgress = (phase, done, total) => progress((int)phase, done, total),
            }.Train(name, folder.FullName, network, folds, cancellationToken),
            cancellationToken));

        foreach (string line in skipped)
            await Console.Error.WriteLineAsync($"skipped: {line}");
        Print(trained!.Value.Report, trained.Value.Manifest, folder.FullName);
        Console.WriteLine(trained.Value.Onnx);
        return 0;
    }

    private static void Print(TrainingReport report, Manifest manifest, string folder)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{manifest.Name}: {report.Classes.Count} classes, {report.Photos} photos, on {manifest.Training!.On}. "
            + $"Accuracy {report.Top1:F1} % ({manifest.Training.Folds}-fold cross-validation)."));
        bool narrow = report.Classes.Count <= MaxColumns;
        var table = new Table().Border(TableBorder.Simple).AddColumns("class", "photos", "precision", "recall");
        foreach (string of in narrow ? report.Classes : [])
            table.AddColumn($"as {Markup.Escape(of)}");
        for (int c = 0; c < report.Classes.Count; c++)
        {
            int real = c;
            table.AddRow(
            [
                Markup.Escape(report.Classes[c]), report.PhotosOf(c).ToString(CultureInfo.InvariantCulture),
                Percent(report.PrecisionOf(c)), Percent(report.RecallOf(c)),
                .. narrow ? report.Classes.Select((_, predicted) => report.Confusion[real, predicted].ToString(CultureInfo.InvariantCulture)) : [],
            ]);
        }
        Terminal.Out.Write(table);
        if (!narrow)
            PrintPairs(report);
        if (report.Worst.Count > 0)
            Console.WriteLine("Most confident errors:");
        foreach (WrongPhoto photo in report.Worst)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {Path.GetRelativePath(folder, photo.File)}: {photo.Predicted} with {100 * photo.Confidence:F1} %"));
        }
    }

    private static void PrintPairs(TrainingReport report)
    {
        int count = report.Classes.Count;
        var pairs = Enumerable.Range(0, count * count)
            .Select(i => (Real: i / count, Predicted: i % count, Photos: report.Confusion[i / count, i % count]))
            .Where(static pair => pair.Real != pair.Predicted && pair.Photos > 0)
            .OrderByDescending(static pair => pair.Photos).ThenBy(static pair => pair.Real).ThenBy(static pair => pair.Predicted)
            .Take(MaxPairs);
        Console.WriteLine("Most often confused:");
        foreach ((int real, int predicted, int photos) in pairs)
            Console.WriteLine($"  {report.Classes[real]} predicted as {report.Classes[predicted]}: {photos}");
    }

    private static string Percent(double? share) => share is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:F1} %") : "";
}
