using System.Diagnostics;
using ResNetFunctions.Tests.Infra;

namespace ResNetFunctions.Tests.Cli;

/// <summary>The real <c>resnet</c> program.</summary>
internal static class ResNet
{
    /// <summary>Runs it to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(
        IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> settings) =>
        Command.RunAsync(Start(arguments, settings));

    public static ProcessStartInfo Start(IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "resnet.dll"), .. arguments]);
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        return start;
    }
}
