using System.Diagnostics;
using System.Runtime.InteropServices;
using ResNetFunctions.Api;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>The real <c>resnet</c> in its own process: the built one, or the published one of
/// <c>RESNET_EXECUTABLE</c>.</summary>
internal sealed class ResnetCommand : IDisposable
{
    private static readonly string DotNet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private ResnetCommand(Process process) => _process = process;

    public int Id => _process.Id;

    public static ResnetCommand Start(ResNetOptions options, string[] arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = Environment.GetEnvironmentVariable("RESNET_EXECUTABLE") is { Length: > 0 } published
            ? new ProcessStartInfo(published, arguments)
            : new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "resnet.dll"), .. arguments]);
        if (OperatingSystem.IsLinux())
        {
            // A background job ignores Ctrl+C, and so do its children.
            string program = start.FileName == "dotnet" ? DotNet : start.FileName; // A test may take PATH away.
            IEnumerable<string> same = ["--default-signal=INT", program, .. start.ArgumentList];
            start = new ProcessStartInfo("/usr/bin/env", same);
        }
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        start.WorkingDirectory = Path.GetTempPath();
        foreach (string name in start.Environment.Keys.Where(IsSetting).ToList())
            start.Environment.Remove(name); // The developer's own settings.
        start.Environment["HTTPS_PROXY"] = "http://127.0.0.1:9"; // No test waits for a download.
        start.Environment["ResNet__DefaultModel"] = options.DefaultModel;
        start.Environment["ResNet__ModelsPath"] = options.ModelsPath;
        start.Environment["ResNet__CachePath"] = "";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return new ResnetCommand(Process.Start(start)!);
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("ResNet__", StringComparison.Ordinal) || name.StartsWith("Blobs__", StringComparison.Ordinal)
        || name.StartsWith("ImageStorage", StringComparison.Ordinal);

    /// <summary>Waits for the end: the exit code, and the last line of errors, or else of output.</summary>
    public async Task<(int Code, string LastLine)> EndAsync()
    {
        Task<string> errors = _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience) + await errors;
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (_process.ExitCode, output.TrimEnd().Split('\n')[^1]);
    }

    /// <summary>Reads output up to a line that begins with this, and returns the line.</summary>
    public async Task<string> UntilLineAsync(string begin)
    {
        List<string> lines = [];
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience) is { } line)
        {
            if (line.StartsWith(begin, StringComparison.Ordinal))
                return line;
            lines.Add(line);
        }
        throw new InvalidOperationException($"It ended without '{begin}': {string.Join('\n', lines)}");
    }

    /// <summary>Ctrl+C, and the code that it exits with.</summary>
    public async Task<int> InterruptAsync() => (await InterruptedAsync()).Code;

    /// <summary>Ctrl+C, the code that it exits with, and the last line that it prints.</summary>
    public Task<(int Code, string LastLine)> InterruptedAsync()
    {
        Process.Start("kill", ["-INT", $"{_process.Id}"]).WaitForExit();
        return EndAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
