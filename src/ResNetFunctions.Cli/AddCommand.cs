using System.CommandLine;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools;
using ResNetFunctions.ModelTools.Adding;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet models add NAME --weights FILE|FOLDER</c></summary>
internal static class AddCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "What the model is to be called." };
        var weights = new Option<FileSystemInfo>("--weights")
        {
            Description = "PyTorch weights (.pth, .pt, .ckpt, .bin, .safetensors), an .onnx file, a Custom Vision export (.zip) or a Hugging Face folder.",
            HelpName = "FILE|FOLDER",
            Required = true,
        }.AcceptExistingOnly();
        var labels = new Option<FileInfo?>("--labels")
        {
            Description = "The classes: a line each, or JSON, in the network's order.",
            HelpName = "FILE",
        };
        var architecture = new Option<string?>("--arch") { Description = "torchvision's name of the network. Default: what the weights tell.", HelpName = "NAME" };
        architecture.AcceptOnlyFromAmong([.. GraphConverter.ArchitectureNames]);
        var output = new Option<string?>("--output") { Description = "The output with the scores, where an ONNX graph has several.", HelpName = "NAME" };
        var input = new Option<string?>("--input")
        {
            Description = "Whose way of preparing pictures the network wants, where the file does not say.",
            HelpName = string.Join('|', InputPresets.Names),
        };
        input.AcceptOnlyFromAmong([.. InputPresets.Names]);
        var channels = new Option<ChannelOrder?>("--channels") { Description = "The order of the colours, where the file does not say.", HelpName = "rgb|bgr" };

        var command = new Command("add", "Take your own network: look at it, convert it, run it once.") { name, weights, labels, architecture, output, input, channels };
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () =>
            {
                var store = new ModelStore(CommonOptions.Settings(CommonOptions.Configuration(), null, null));
                (Manifest manifest, string onnx, IReadOnlyList<string> findings) = new ModelAdder(store).Add(
                    parsed.GetRequiredValue(name), parsed.GetRequiredValue(weights).FullName, parsed.GetValue(labels)?.FullName,
                    new ModelHints(parsed.GetValue(architecture), parsed.GetValue(output), parsed.GetValue(input), parsed.GetValue(channels)),
                    cancellationToken);
                foreach (string line in findings)
                    Console.WriteLine(line);
                Console.WriteLine($"{manifest.Name} runs. Its manifest, to look at and to change: {Path.ChangeExtension(onnx, ".json")}");
            },
            cancellationToken));
        return command;
    }
}
