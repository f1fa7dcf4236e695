using System.Diagnostics;
using ResNetFunctions.Tests.Infra;

namespace ResNetFunctions.Tests.Cli;

/// <summary>The real <c>resnet</c> program, as built, or the published one that <c>RESNET_EXECUTABLE</c> names.</summary>
internal static class ResNet
{
    private static readonly string? Published = Environment.GetEnvironmentVariable("RESNET_EXECUTABLE") is { Length: > 0 } path ? path : null;

    public static bool IsPublished => Published is not null;

    /// <summary>Runs it to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(
        IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> settings) =>
        Command.RunAsync(Start(arguments, settings));

    public static ProcessStartInfo Start(IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> settings)
    {
        ProcessStartInfo start = Published is not null
            ? new ProcessStartInfo(Published, arguments)
            : new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "resnet.dll"), .. arguments]);
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        return start;
    }
}
