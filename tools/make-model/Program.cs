using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools;

// make-model bundled BODY.onnx MODELS   makes MODELS/resnet18-mlnet.onnx of the package's body and the head in MODELS
// make-model NAME MODELS                makes MODELS/NAME.onnx of the weights in MODELS, and prints the files of its package
try
{
    if (args is ["bundled", var body, var folder])
    {
        BundledModel.Make(
            body, Path.Combine(folder, $"{ModelStore.Bundled}.head.safetensors"), Path.Combine(folder, $"{ModelStore.Bundled}.onnx"));
        return 0;
    }
    if (args is [var name, var models])
    {
        foreach (string file in PackagedModel.Files(name, models))
            Console.WriteLine(file);
        return 0;
    }
    await Console.Error.WriteLineAsync("make-model bundled BODY.onnx MODELS, or make-model NAME MODELS");
    return 2;
}
catch (Exception e) when (e is InvalidModelException or ResNetFunctions.Imaging.RejectedException or IOException or UnauthorizedAccessException)
{
    // MSBuild's format for a tool's errors.
    await Console.Error.WriteLineAsync($"make-model: error RESNET001: {e.Message}");
    return 1;
}
