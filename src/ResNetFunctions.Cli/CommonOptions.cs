using System.CommandLine;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Api;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.ModelTools;

namespace ResNetFunctions.Cli;

/// <summary>The options that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<string?> Model() => new("--model")
    {
        Description = "The model's name (see `resnet models list`).",
        HelpName = "NAME",
    };

    public static Option<FileInfo?> Weights() => new("--weights")
    {
        Description = "Your own weights for the model: a .pth, .safetensors or .onnx file.",
        HelpName = "FILE",
    };

    public static Option<int?> Top() => new("--top")
    {
        Description = "How many predictions, 1 to 1000.",
        HelpName = "K",
    };

    /// <summary>appsettings.json of the current folder, then the environment.</summary>
    public static IConfiguration Configuration() => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .Build();

    /// <summary>The settings of a command that only works for itself: its files wait for a turn however long it
    /// takes.</summary>
    public static ResNetOptions BatchSettings(string? model, FileInfo? weights)
    {
        ResNetOptions options = Settings(Configuration(), model, weights);
        options.QueueTimeout = TimeSpan.FromHours(1);
        return options;
    }

    /// <summary>The settings, overridden by the command line.</summary>
    /// <exception cref="UnavailableException">misconfigured.</exception>
    public static ResNetOptions Settings(IConfiguration configuration, string? model, FileInfo? weights)
    {
        ResNetOptions options = ResNetOptions.Read(configuration);
        options.MakeGraph = GraphConverter.Graph;
        options.DefaultModel = model ?? options.DefaultModel;
        options.Weights = weights?.FullName ?? options.Weights;
        if (options.Validate() is { Count: > 0 } errors)
            throw new UnavailableException(ErrorCode.Misconfigured, string.Join(" ", errors));
        if (options.DeviceChoice.WhyNotCuda is { } why)
            Console.Error.WriteLine($"ResNet:Device is auto, and the CPU is used. {why}");
        return options;
    }
}
