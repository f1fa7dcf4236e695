using System.CommandLine;
using ResNetFunctions.Api;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools;
using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet models convert WEIGHTS</c>, and <c>resnet models convert NAME --float16</c></summary>
internal static class ConvertCommand
{
    public static ExampleCommand Create()
    {
        var source = new Argument<string>("WEIGHTS")
        {
            Description = "A .pth or .safetensors file; with --float16 also an .onnx file, or a model's name.",
        };
        var architecture = new Option<string?>("--arch")
        {
            Description = "torchvision's name of the network that a .pth or .safetensors file is of.",
            HelpName = "NAME",
        };
        architecture.AcceptOnlyFromAmong([.. GraphConverter.ArchitectureNames]);
        var output = new Option<FileInfo?>("--output", "-o")
        {
            Description = "The ONNX file to write. Default for a model's name: NAME-float16.onnx in the models folder, its manifest beside it.",
            HelpName = "FILE.onnx",
        };
        var float16 = new Option<bool>("--float16") { Description = "Weights of half the size, for GPUs." };
        var photos = new Option<DirectoryInfo>("--photos")
        {
            Description = "A folder of photos to compare a model's float16 form with its float32 one on.",
            HelpName = "DIR",
        }.AcceptExistingOnly();

        var command = new ExampleCommand("convert", "Convert PyTorch weights to an ONNX file, or a model to float16.", "resnet models convert weights.pth --arch resnet18 -o weights.onnx")
        {
            source, architecture, output, float16, photos,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(source) is not { } name)
                return;
            bool isFile = File.Exists(name);
            if (!isFile && !result.GetValue(float16))
                result.AddError($"There is no file {name}.");
            else if (isFile && !ModelFile.IsGraph(name) && result.GetValue(architecture) is null)
                result.AddError("--arch NAME is needed: the network that the weights are of.");
            else if (isFile && ModelFile.IsGraph(name) && !result.GetValue(float16))
                result.AddError($"{name} is an ONNX graph already; --float16 makes a smaller one of it.");
            else if (isFile && result.GetValue(output) is null)
                result.AddError("-o FILE.onnx is needed: the file to write.");
            else if (isFile && result.GetValue(photos) is not null)
                result.AddError("--photos compares a model of the models folder; give its name instead of a file.");
            else if (result.GetValue(architecture) is not null && (!isFile || ModelFile.IsGraph(name)))
                result.AddError("--arch is for a .pth or .safetensors file.");
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            string name = parsed.GetRequiredValue(source);
            FileInfo? onnx = parsed.GetValue(output);
            return File.Exists(name)
                ? Task.FromResult(ConvertFile(name, parsed.GetValue(architecture), onnx!.FullName, parsed.GetValue(float16)))
                : ConvertModelAsync(name, parsed.GetValue(photos), onnx, cancellationToken);
        });
        return command;
    }

    private static int ConvertFile(string weights, string? architecture, string onnx, bool float16)
    {
        if (float16)
            Float16Converter.Convert(weights, ModelFile.IsGraph(weights) ? null : architecture, onnx);
        else
            GraphConverter.Convert(weights, architecture!, onnx);
        Console.WriteLine(onnx);
        return 0;
    }

    private static async Task<int> ConvertModelAsync(
        string name, DirectoryInfo? photos, FileInfo? output, CancellationToken cancellationToken)
    {
        if (output is not null && output.Extension != ".onnx")
            throw new InvalidModelException($"{output.Name} must end in .onnx: the manifest beside it ends in .json.");
        ResNetOptions options = CommonOptions.Settings(CommonOptions.Configuration(), null, null);
        var store = new ModelStore(options);
        Manifest manifest = store.Find(name);
        if (!store.Has(manifest))
            await Download.PullAsync(store, manifest, Download.ResponseTimeout, cancellationToken);

        List<string> files = photos is null ? [] : ImageFiles.Expand([photos.FullName]);
        string onnx = output?.FullName ?? store.PathForNew(name + "-float16.onnx");
        (Manifest, Agreement Agreement)? written = null;
        await Terminal.ProgressAsync("Comparing", files.Count, step => Task.Run(
            async () => written = await new Float16Converter(store, options)
            {
                OnStep = step,
                OnRejected = static (photo, e) => Console.Error.WriteLine($"{photo}: {e.Message} ({e.Code})"),
            }.ConvertAsync(manifest, files, onnx, cancellationToken),
            cancellationToken));

        Console.WriteLine(onnx);
        if (written!.Value.Agreement is { Photos: > 0 } agreement)
            Console.WriteLine($"against {name} on {agreement.Photos} photos: {EvalCommand.Describe(agreement)}");
        return 0;
    }
}
