using System.CommandLine;
using ResNetFunctions.Api;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet models quantize NAME --calibration DIR</c></summary>
internal static class QuantizeCommand
{
    public static ExampleCommand Create()
    {
        var name = new Argument<string>("NAME") { Description = "The model's name." };
        var calibration = new Option<DirectoryInfo>("--calibration")
        {
            Description = "A folder of photos of the kind that the model will see; 100 are enough.",
            HelpName = "DIR",
            Required = true,
        }.AcceptExistingOnly();
        Option<FileInfo?> weights = CommonOptions.Weights();
        var output = new Option<FileInfo?>("--output", "-o")
        {
            Description = "The ONNX file to write, its manifest beside it. Default: NAME-int8.onnx in the models folder.",
            HelpName = "FILE.onnx",
        };

        var command = new ExampleCommand("quantize", "Make a model's int8 form: a quarter of the size, and faster.", "resnet models quantize resnet18-mlnet --calibration photos")
        {
            name, calibration, weights, output,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(name), parsed.GetRequiredValue(calibration), parsed.GetValue(weights),
            parsed.GetValue(output), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string name, DirectoryInfo calibration, FileInfo? weights, FileInfo? output, CancellationToken cancellationToken)
    {
        if (output is not null && output.Extension != ".onnx")
            throw new InvalidModelException($"{output.Name} must end in .onnx: the manifest beside it ends in .json.");
        ResNetOptions options = CommonOptions.Settings(CommonOptions.Configuration(), name, weights);
        var store = new ModelStore(options);
        Manifest manifest = store.Find(name);
        if (!store.Has(manifest))
            await Download.PullAsync(store, manifest, Download.ResponseTimeout, cancellationToken);

        List<string> photos = ImageFiles.Expand([calibration.FullName]);
        string onnx = output?.FullName ?? store.PathForNew(name + "-int8.onnx");
        Accuracy float32 = new(), int8 = new();
        (Manifest, Agreement)? written = null;
        await Terminal.ProgressAsync("Quantizing", 2 * photos.Count, step => Task.Run(
            async () => written = await new ModelQuantizer(store, options)
            {
                OnStep = step,
                OnRejected = static (photo, e) => Console.Error.WriteLine($"{photo}: {e.Message} ({e.Code})"),
                OnCompared = (photo, reference, quantized) =>
                {
                    float32.Add(photo, reference);
                    int8.Add(photo, quantized);
                },
            }.QuantizeAsync(manifest, photos, onnx, cancellationToken),
            cancellationToken));

        (Manifest int8Manifest, Agreement agreement) = written!.Value;
        Console.WriteLine(onnx);
        Console.WriteLine(
            $"compared with {name} on {agreement.Photos} photos (2-fold cross-validation): "
            + EvalCommand.Describe(agreement));
        if (float32.Photos > 0)
            Console.WriteLine($"{name}: {float32}; {int8Manifest.Name}: {int8}");
        return 0;
    }
}
