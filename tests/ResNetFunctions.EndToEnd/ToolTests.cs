using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ResNetFunctions.EndToEnd;

/// <summary><c>dotnet pack</c> and <c>dotnet tool install</c>, as a user with the package but no repository.</summary>
public sealed class ToolTests
{
    private const string Configuration =
#if DEBUG
        "Debug";
#else
        "Release";
#endif

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tool_InstalledFromAFolderIntoAnEmptyHome_Classifies()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("resnet-tool-");
        DirectoryInfo home = folder.CreateSubdirectory("home"), packages = folder.CreateSubdirectory("packages"), elsewhere = folder.CreateSubdirectory("elsewhere");
        try
        {
            await RunAsync("dotnet", Root(), null, "pack", "src/ResNetFunctions.Cli", "--no-build", "-c", Configuration, "-o", packages.FullName);
            FileInfo package = Assert.Single(packages.GetFiles());
            Assert.StartsWith("ResNetFunctions.Tool.", package.Name, StringComparison.Ordinal);
            await File.WriteAllTextAsync(
                Path.Combine(elsewhere.FullName, "nuget.config"),
                $"<configuration><packageSources><clear/><add key=\"folder\" value=\"{packages.FullName}\"/></packageSources></configuration>", Cancel);
            File.Copy(Path.Combine(Root(), "samples", "alps.jpg"), Path.Combine(elsewhere.FullName, "alps.jpg"));

            await RunAsync("dotnet", elsewhere.FullName, home, "tool", "install", "--global", "ResNetFunctions.Tool");
            string resnet = Path.Combine(home.FullName, ".dotnet", "tools", OperatingSystem.IsWindows() ? "resnet.exe" : "resnet");
            string listed = await RunAsync(resnet, elsewhere.FullName, home, "models", "list");
            string answer = await RunAsync(
                resnet, elsewhere.FullName, home, "classify", "alps.jpg", "--top", "2", "--json");

            Assert.Contains("resnet18", listed, StringComparison.Ordinal);
            JsonElement result = JsonElement.Parse(answer);
            result = result.ValueKind == JsonValueKind.Array ? result[0] : result;
            Assert.Equal("classified", result.GetProperty("status").GetString());
            Assert.Equal(2, result.GetProperty("predictions").GetArrayLength());
            Assert.Equal("alp", result.GetProperty("predictions")[0].GetProperty("label").GetString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ResNetFunctions.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("ResNetFunctions.sln was not found.");
    }

    // Its output; with an empty home, as on a machine that has only .NET.
    private static async Task<string> RunAsync(string command, string folder, DirectoryInfo? home, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (home is not null)
        {
            foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("NUGET_", StringComparison.Ordinal) || name.StartsWith("ResNet__", StringComparison.Ordinal)).ToList())
                start.Environment.Remove(name);
            start.Environment["HOME"] = start.Environment["DOTNET_CLI_HOME"] = home.FullName;
            start.Environment["XDG_CACHE_HOME"] = Path.Combine(home.FullName, ".cache");
            start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
            start.Environment["DOTNET_NOLOGO"] = "1";
        }
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancel);
        string output = await process.StandardOutput.ReadToEndAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(5), Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, $"{command} {string.Join(' ', arguments)}: {output}{await errors}");
        return output;
    }
}
