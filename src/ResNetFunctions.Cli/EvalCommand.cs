using System.CommandLine;
using ResNetFunctions.Api;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet eval DIR</c>: accuracy over photos whose names begin with their WordNet id, or in a folder for each
/// class.</summary>
internal static class EvalCommand
{
    private const int AllClasses = 1000;

    // All classes of a whole validation set would not fit into memory.
    private const int AtATime = 128;

    public static ExampleCommand Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR")
        {
            Description = "A folder of photos named like n01440764_tench.JPEG, or with a folder for each class.",
        }.AcceptExistingOnly();
        Option<string?> model = CommonOptions.Model();
        Option<FileInfo?> weights = CommonOptions.Weights();
        var against = new Option<string?>("--against")
        {
            Description = "Another model to compare with, such as the int8 form.",
            HelpName = "NAME",
        };

        var command = new ExampleCommand("eval", "Measure top-1 and top-5 accuracy.", "resnet eval photos --model bees") { folder, model, weights, against };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(folder), parsed.GetValue(model), parsed.GetValue(weights), parsed.GetValue(against),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        DirectoryInfo folder, string? model, FileInfo? weights, string? against, CancellationToken cancellationToken)
    {
        ResNetOptions options = CommonOptions.BatchSettings(model, weights);
        List<string> photos = ImageFiles.Expand([folder.FullName]);
        // Names come first: the folders of an ImageNet set may mean anything.
        string? classes = photos.Any(photo => new Accuracy().TruthOf(photo) is not null) ? null : folder.FullName;
        List<string> files = [.. photos.Where(photo => new Accuracy(classes).TruthOf(photo) is not null)];
        using var classifier = new Classifier(options);
        await FirstUse.PrepareAsync(classifier.Store, options.DefaultModel, cancellationToken);
        if (against is not null)
            await FirstUse.PrepareAsync(classifier.Store, against, cancellationToken);

        if (classes is not null)
        {
            string[] folders = [.. files.Select(file => new Accuracy(classes).TruthOf(file)!).Distinct()];
            CheckClasses(classifier.Store, classifier.Store.DefaultModel, folders);
            CheckClasses(classifier.Store, against ?? classifier.Store.DefaultModel, folders);
        }
        var own = new Answers(classifier.Store.DefaultModel, classes);
        Answers? others = against is null ? null : new Answers(against, classes);
        var agreement = new Agreement();
        await Terminal.ProgressAsync("Evaluating", against is null ? files.Count : 2 * files.Count, async step =>
        {
            foreach (string[] some in files.Chunk(AtATime))
            {
                await own.AskAsync(some, classifier, options, against is null ? 5 : AllClasses, step, cancellationToken);
                if (others is null)
                    continue;
                await others.AskAsync(some, classifier, options, AllClasses, step, cancellationToken);
                foreach (string file in some.Where(own.Last.ContainsKey).Where(others.Last.ContainsKey))
                    agreement.Add(own.Last[file], others.Last[file]);
            }
        });

        if (own.Identity is null)
        {
            await Console.Error.WriteLineAsync("resnet: there is no photo whose name begins with a WordNet id, and none in a folder for its class.");
            return 1;
        }
        Console.WriteLine(own);
        FirstUse.Report(own.Identity);
        if (others?.Identity is not null)
        {
            Console.WriteLine(others);
            Console.WriteLine(Describe(agreement));
        }
        return own.Accuracy.Photos == files.Count ? 0 : 1;
    }

    // A folder that is not a class would count every answer as wrong.
    private static void CheckClasses(ModelStore store, string model, string[] folders)
    {
        HashSet<string> names = store.ClassNamesOf(store.Find(model));
        if (Array.Find(folders, folder => !names.Contains(folder)) is { } unknown)
            throw new InvalidModelException($"{model} has no class '{unknown}', which is the name of a folder.");
    }

    public static string Describe(Agreement agreement) =>
        $"same top-1 on {agreement.Top1:F1} %, top-1 among the other's top-5 on {agreement.Top5:F1} %, "
        + $"largest change of a confidence {agreement.ConfidenceChange:F3} on average";

    private sealed class Answers(string model, string? classes)
    {
        public Accuracy Accuracy { get; } = new(classes);

        public ModelIdentity? Identity { get; private set; }

        /// <summary>The predictions of the last photos, by file.</summary>
        public Dictionary<string, IReadOnlyList<Prediction>> Last { get; } = [];

        public Task AskAsync(
            IReadOnlyList<string> files, Classifier classifier, ResNetOptions options, int top, Action step,
            CancellationToken cancellationToken)
        {
            Last.Clear();
            return ImageFiles.ClassifyAsync(
                files, classifier, options, top, model,
                result =>
                {
                    step();
                    if (result.Predictions is not { } predictions)
                    {
                        Console.Error.WriteLine($"{result.File}: {result.Error!.Detail} ({result.Error.Code})");
                        return;
                    }
                    Identity = result.Model;
                    Accuracy.Add(result.File!, predictions);
                    Last.Add(result.File!, predictions);
                },
                cancellationToken);
        }

        public override string ToString() =>
            $"{model} ({Identity!.Weights} weights) on {Accuracy.Photos} photos: {Accuracy}";
    }
}
