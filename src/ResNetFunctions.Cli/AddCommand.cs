using System.CommandLine;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools;
using ResNetFunctions.ModelTools.Adding;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet models add NAME --weights FILE|FOLDER</c></summary>
internal static class AddCommand
{
    public static ExampleCommand Create()
    {
        var name = new Argument<string>("NAME") { Description = "The model's name." };
        var weights = new Option<FileSystemInfo>("--weights")
        {
            Description = "PyTorch weights (.pth, .pt, .ckpt, .bin, .safetensors), an .onnx file, a Custom Vision export (.zip) or a Hugging Face folder.",
            HelpName = "FILE|FOLDER",
            Required = true,
        }.AcceptExistingOnly();
        var labels = new Option<FileInfo?>("--labels")
        {
            Description = "The classes in the network's order: a line each, or JSON.",
            HelpName = "FILE",
        };
        var architecture = new Option<string?>("--arch") { Description = "torchvision's name of the network. Default: found from the weights.", HelpName = "NAME" };
        architecture.AcceptOnlyFromAmong([.. GraphConverter.ArchitectureNames]);
        var output = new Option<string?>("--output") { Description = "The output with the scores, if the graph has several.", HelpName = "NAME" };
        var input = new Option<string?>("--input")
        {
            Description = "The preprocessing, if the file does not say.",
            HelpName = string.Join('|', InputPresets.Names),
        };
        input.AcceptOnlyFromAmong([.. InputPresets.Names]);
        var channels = new Option<ChannelOrder?>("--channels") { Description = "The order of the colours, if the file does not say.", HelpName = "rgb|bgr" };

        var activation = new Option<string?>("--activation")
        {
            Description = "The activation between the layers, if the head has several.",
            HelpName = string.Join('|', ModelHints.Activations),
        };
        activation.AcceptOnlyFromAmong([.. ModelHints.Activations]);

        var command = new ExampleCommand("add", "Add your own network: convert it, run it once, write its manifest.", "resnet models add fruit --weights fruit.ckpt --labels fruit.txt") { name, weights, labels, architecture, output, input, channels, activation };
        command.SetAction((parsed, cancellationToken) => Task.Run(
            () =>
            {
                var store = new ModelStore(CommonOptions.Settings(CommonOptions.Configuration(), null, null));
                (Manifest manifest, string onnx, IReadOnlyList<string> findings) = new ModelAdder(store).Add(
                    parsed.GetRequiredValue(name), parsed.GetRequiredValue(weights).FullName, parsed.GetValue(labels)?.FullName,
                    new ModelHints(parsed.GetValue(architecture), parsed.GetValue(output), parsed.GetValue(input), parsed.GetValue(channels), parsed.GetValue(activation)),
                    cancellationToken);
                foreach (string line in findings)
                    Console.WriteLine(line);
                Console.WriteLine($"{manifest.Name} is ready. Check its manifest: {Path.ChangeExtension(onnx, ".json")}");
            },
            cancellationToken));
        return command;
    }
}
