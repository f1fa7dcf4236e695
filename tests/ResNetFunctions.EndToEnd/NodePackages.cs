using System.ComponentModel;
using System.Diagnostics;

namespace ResNetFunctions.EndToEnd;

/// <summary>The packages of tests/package-lock.json, installed by npm if missing.</summary>
internal static class NodePackages
{
    private static readonly string[] Names = ["azurite", "@azure/cognitiveservices-customvision-prediction", "@huggingface/inference"];
    private static readonly Lazy<Task<string?>> Installing = new(InstallAsync);

    /// <summary>The folder of the tests, with its node_modules.</summary>
    public static string Folder { get; } = Find();

    /// <summary>Waits for them. Without them the test is skipped, or fails where nothing may be skipped.</summary>
    public static async Task EnsureAsync()
    {
        if (await Installing.Value is not { } problem)
            return;
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") is { Length: > 0 }, $"Skipped: {problem}");
        Assert.Fail(problem);
    }

    // All at once: a second npm run would remove files that a running Azurite reads.
    private static async Task<string?> InstallAsync()
    {
        if (Names.All(name => Directory.Exists(Path.Combine(Folder, "node_modules", name))))
            return null;
        try
        {
            using Process npm = Process.Start(new ProcessStartInfo(
                "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", Folder]))!;
            await npm.WaitForExitAsync();
            return npm.ExitCode == 0 ? null : "npm could not install what tests/package-lock.json names.";
        }
        catch (Win32Exception)
        {
            return "Node.js is not here.";
        }
    }

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "package-lock.json")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("tests/package-lock.json was not found.");
    }
}
