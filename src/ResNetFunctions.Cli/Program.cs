using System.CommandLine;
using Azure;
using Azure.Identity;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Cli;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

try
{
    return await Commands.Create().Parse(args).InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = TimeSpan.FromSeconds(40), // For the images in progress; a server has 30 s for its requests.
    });
}
catch (OperationCanceledException)
{
    return 130; // As a shell reports Ctrl+C.
}
catch (Exception e) when (e is RejectedException or UnavailableException or InvalidModelException
    or IOException or UnauthorizedAccessException or FormatException
    or RequestFailedException or AuthenticationFailedException or AggregateException)
{
    await Console.Error.WriteLineAsync($"resnet: {StorageError.OneLine(e)}");
    return 1;
}
