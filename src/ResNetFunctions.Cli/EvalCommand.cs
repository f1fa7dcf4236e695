using System.CommandLine;
using System.Text.RegularExpressions;
using ResNetFunctions.Api;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet eval DIR</c>: accuracy over photos whose names begin with their WordNet id.</summary>
internal static partial class EvalCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR")
        {
            Description = "A folder of photos named like n01440764_tench.JPEG.",
        }.AcceptExistingOnly();
        Option<string?> model = CommonOptions.Model();
        Option<FileInfo?> weights = CommonOptions.Weights();

        var command = new Command("eval", "Measure top-1 and top-5 accuracy.") { folder, model, weights };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(folder), parsed.GetValue(model), parsed.GetValue(weights), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        DirectoryInfo folder, string? model, FileInfo? weights, CancellationToken cancellationToken)
    {
        ResNetOptions options = CommonOptions.Settings(CommonOptions.Configuration(), model, weights);
        List<string> files = [.. ImageFiles.Expand([folder.FullName]).Where(file => WordNetId().IsMatch(Path.GetFileName(file)))];
        using var classifier = new Classifier(options);
        await FirstUse.PrepareAsync(classifier, options.DefaultModel, cancellationToken);

        int answered = 0, top1 = 0, top5 = 0;
        ModelIdentity? identity = null;
        await Terminal.ProgressAsync("Evaluating", files.Count, step => ImageFiles.ClassifyAsync(
            files, classifier, options, 5, null,
            result =>
            {
                step();
                if (result.Predictions is not { } predictions)
                {
                    Console.Error.WriteLine($"{result.File}: {result.Error!.Detail} ({result.Error.Code})");
                    return;
                }
                identity = result.Model;
                answered++;
                string id = WordNetId().Match(Path.GetFileName(result.File!)).Value;
                top1 += predictions[0].Category == id ? 1 : 0;
                top5 += predictions.Any(prediction => prediction.Category == id) ? 1 : 0;
            },
            cancellationToken));

        if (identity is null)
        {
            await Console.Error.WriteLineAsync("resnet: there is no photo whose name begins with a WordNet id.");
            return 1;
        }
        Console.WriteLine(
            $"{identity.Name} ({identity.Weights} weights) on {answered} photos: "
            + $"top-1 {100.0 * top1 / answered:F1} %, top-5 {100.0 * top5 / answered:F1} %");
        FirstUse.Warn(identity);
        return answered == files.Count ? 0 : 1;
    }

    [GeneratedRegex(@"^n\d{8}")]
    private static partial Regex WordNetId();
}
