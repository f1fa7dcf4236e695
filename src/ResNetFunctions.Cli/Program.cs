using System.CommandLine;
using ResNetFunctions.Cli;
using ResNetFunctions.Inference;

var root = new RootCommand("Classifies images as torchvision's ResNet-18 does, offline and without Python.")
{
    ServeCommand.Create(),
    ClassifyCommand.Create(),
    EvalCommand.Create(),
    ModelsCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    return 130; // As a shell reports Ctrl+C.
}
catch (Exception e) when (e is RejectedException or UnavailableException or InvalidModelException
    or IOException or UnauthorizedAccessException or FormatException)
{
    await Console.Error.WriteLineAsync($"resnet: {e.Message}");
    return 1;
}
