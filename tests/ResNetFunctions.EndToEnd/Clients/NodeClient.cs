using System.Diagnostics;
using System.Text.Json;

namespace ResNetFunctions.EndToEnd.Clients;

/// <summary>A script of this folder, run by Node.js.</summary>
internal static class NodeClient
{
    /// <returns>The lines that it printed, by their names.</returns>
    public static async Task<Dictionary<string, JsonElement>> RunAsync(string script, params string[] arguments)
    {
        await NodePackages.EnsureAsync();
        var start = new ProcessStartInfo("node", [Path.Combine(NodePackages.Folder, "ResNetFunctions.EndToEnd", "Clients", script), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process node = Process.Start(start)!;
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        Task<string> output = node.StandardOutput.ReadToEndAsync(cancelled), errors = node.StandardError.ReadToEndAsync(cancelled);
        await node.WaitForExitAsync(cancelled);
        Assert.True(node.ExitCode == 0, await output + await errors);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line)).ToDictionary(line => line.GetProperty("name").GetString()!);
    }
}
