using System.CommandLine;
using System.Globalization;
using ResNetFunctions.Inference.Models;
using Spectre.Console;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet models list|pull|add|convert|quantize</c></summary>
internal static class ModelsCommand
{
    public static ExampleCommand Create() => new ExampleCommand("models", "List, download, add, convert and quantize models.", "resnet models list")
    {
        List(), Pull(), AddCommand.Create(), ConvertCommand.Create(), QuantizeCommand.Create(),
    };

    private static ExampleCommand List()
    {
        var command = new ExampleCommand("list", "Show the models, and which are here.", "resnet models list");
        command.SetAction(_ =>
        {
            ModelStore store = Store();
            var table = new Table().Border(TableBorder.Simple)
                .AddColumns("name", "weights", "top-1", "top-5", "licence", "description");
            foreach (Manifest manifest in store.List())
            {
                table.AddRow(
                    manifest.Name,
                    store.Has(manifest) ? "here" : manifest.Weights.Urls.Count > 0 ? "to pull" : "missing",
                    manifest.Accuracy?.Top1.ToString("F2", CultureInfo.InvariantCulture) ?? "",
                    manifest.Accuracy?.Top5.ToString("F2", CultureInfo.InvariantCulture) ?? "",
                    Markup.Escape(manifest.Weights.License ?? ""),
                    Markup.Escape(manifest.Description ?? ""));
            }
            Terminal.Out.Write(table);
        });
        return command;
    }

    private static ExampleCommand Pull()
    {
        var name = new Argument<string>("NAME") { Description = "The model's name." };
        var command = new ExampleCommand("pull", "Download a model's weights, check them, and convert them to ONNX.", "resnet models pull resnet50") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ModelStore store = Store();
            Manifest manifest = store.Find(parsed.GetRequiredValue(name));
            (string onnx, bool downloaded) = await Download.PullAsync(store, manifest, Download.ResponseTimeout, cancellationToken);
            if (!downloaded)
                await Console.Error.WriteLineAsync($"{manifest.Name} is there already: nothing was downloaded.");
            Console.WriteLine(onnx);
        });
        return command;
    }

    private static ModelStore Store() =>
        new(CommonOptions.Settings(CommonOptions.Configuration(), null, null));
}
