using System.CommandLine;
using System.Text.Json;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet classify PATH…</c></summary>
internal static class ClassifyCommand
{
    // Letters of any script are not escaped.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ExampleCommand Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Images, folders of images, or - for standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<int?> top = CommonOptions.Top();
        Option<string?> model = CommonOptions.Model();
        Option<FileInfo?> weights = CommonOptions.Weights();
        var json = new Option<bool>("--json") { Description = "Print a line of JSON for each image, as the HTTP API answers." };

        var command = new ExampleCommand("classify", "Classify images; exit 1 if any failed.", "resnet classify samples --top 5 --json") { paths, top, model, weights, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(paths), parsed.GetValue(top), parsed.GetValue(model), parsed.GetValue(weights),
            parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string[] paths, int? top, string? model, FileInfo? weights, bool json, CancellationToken cancellationToken)
    {
        ResNetOptions options = CommonOptions.BatchSettings(model, weights);
        List<string> files = ImageFiles.Expand(paths);
        using var classifier = new Classifier(options);
        await FirstUse.PrepareAsync(classifier.Store, options.DefaultModel, cancellationToken);

        // A progress bar and answers would overwrite each other on one terminal, so the answers come at the end.
        bool later = files.Count > 1 && !Console.IsErrorRedirected && !Console.IsOutputRedirected;
        List<ClassificationResult> held = [];
        int failed = 0;
        ModelIdentity? identity = null;
        await Terminal.ProgressAsync("Classifying", files.Count, step => ImageFiles.ClassifyAsync(
            files, classifier, options, top, null,
            result =>
            {
                step();
                identity ??= result.Model;
                failed += result.Status == "classified" ? 0 : 1;
                if (later)
                    held.Add(result);
                else
                    Print(result, json);
            },
            cancellationToken));

        held.ForEach(result => Print(result, json));
        if (identity is not null)
            FirstUse.Report(identity);
        if (files.Count == 0)
            await Console.Error.WriteLineAsync("resnet: there are no images in these folders.");
        return failed == 0 && files.Count > 0 ? 0 : 1;
    }

    private static void Print(ClassificationResult result, bool json)
    {
        if (json)
        {
            var line = new System.Buffers.ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(line, Relaxed))
                JsonSerializer.Serialize(writer, result, ApiJson.Default.ClassificationResult);
            Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(line.WrittenSpan));
            return;
        }
        if (result.Error is { } error)
        {
            Console.Error.WriteLine($"{result.File}: {error.Detail} ({error.Code})");
            return;
        }
        Console.Out.WriteLine(result.File);
        foreach (Prediction prediction in result.Predictions!)
            Console.Out.WriteLine($"  {prediction.Confidence,6:P1}  {(prediction.Category is { } category ? category + "  " : "")}{prediction.Label}");
    }
}
