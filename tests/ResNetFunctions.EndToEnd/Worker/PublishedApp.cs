using System.Diagnostics;
using ResNetFunctions.EndToEnd.Page;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The Functions app as `dotnet publish` makes it for Azure.</summary>
internal static class PublishedApp
{
    private static readonly Lazy<Task<string>> Folder = new(PublishAsync);

    /// <summary>Published once for all tests, and again if a source has changed.</summary>
    public static Task<string> FolderAsync() => Folder.Value;

    /// <summary>Copies it, without one file.</summary>
    public static async Task CopyAsync(string target, string except)
    {
        string app = await FolderAsync();
        foreach (string file in Directory.EnumerateFiles(app, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != except))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(app, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static async Task<string> PublishAsync()
    {
        string root = PageServers.Root();
        string app = Path.Combine(root, "artifacts", "tests", "app");
        string stamp = app + ".inputs";
        string inputs = Inputs(root);
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == inputs)
            return app;

        // Whole or not at all: a run of the tests may be cut off.
        string unfinished = app + ".unfinished";
        foreach (string folder in new[] { unfinished, app }.Where(Directory.Exists))
            Directory.Delete(folder, recursive: true);
        await RunAsync(root, ["publish", "src/ResNetFunctions", "-c", "Release", "-o", unfinished, "-p:ResNetModel=resnet18-mlnet", "--nologo", "-v", "q"]);
        Assert.True(File.Exists(Path.Combine(unfinished, "ResNetFunctions.dll")), "dotnet publish was cut off.");
        Directory.Move(unfinished, app);
        await File.WriteAllTextAsync(stamp, inputs);
        return app;
    }

    // Names, lengths and times of all that the build reads.
    private static string Inputs(string root)
    {
        string[] folders = ["src/ResNetFunctions", "src/ResNetFunctions.Api", "src/ResNetFunctions.Inference", "src/ResNetFunctions.Imaging", "src/ResNetFunctions.ModelTools", "tools/make-model"];
        return string.Join('\n', folders
            .SelectMany(folder => new DirectoryInfo(Path.Combine(root, folder)).EnumerateFiles("*", SearchOption.AllDirectories))
            .Concat(new DirectoryInfo(root).EnumerateFiles("*.props")).Append(new FileInfo(Path.Combine(root, "host.json")))
            .Where(file => !file.FullName.Contains("/obj/", StringComparison.Ordinal) && !file.FullName.Contains("/bin/", StringComparison.Ordinal))
            .Select(file => $"{Path.GetRelativePath(root, file.FullName)} {file.Length} {file.LastWriteTimeUtc:O}")
            .Order(StringComparer.Ordinal));
    }

    private static async Task RunAsync(string root, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // `dotnet test` sets variables for its own build.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{await output}{await error}");
    }
}
