using System.Diagnostics;
using ResNetFunctions.Api;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>The real <c>resnet</c>, in a process of its own.</summary>
internal static class ResnetCommand
{
    public static Process Start(ResNetOptions options, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "resnet.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (string name in start.Environment.Keys.Where(IsSetting).ToList())
            start.Environment.Remove(name); // The developer's own settings.
        start.Environment["ResNet__DefaultModel"] = options.DefaultModel;
        start.Environment["ResNet__ModelsPath"] = options.ModelsPath;
        start.Environment["ResNet__CachePath"] = "";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("ResNet__", StringComparison.Ordinal) || name.StartsWith("Blobs__", StringComparison.Ordinal)
        || name.StartsWith("ImageStorage", StringComparison.Ordinal);

    /// <summary>Reads what it prints up to a line that begins so, and gives that line.</summary>
    public static async Task<string> UntilLineAsync(Process process, string begin)
    {
        List<string> lines = [];
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith(begin, StringComparison.Ordinal))
                return line;
            lines.Add(line);
        }
        throw new InvalidOperationException($"It ended without '{begin}': {string.Join('\n', lines)}");
    }

    /// <summary>Ctrl+C, and the code that it exits with.</summary>
    public static async Task<int> InterruptAsync(Process process)
    {
        Process.Start("kill", ["-INT", $"{process.Id}"]).WaitForExit();
        Task drained = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await drained;
        return process.ExitCode;
    }
}
