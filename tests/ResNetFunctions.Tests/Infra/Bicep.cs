using System.Text.Json.Nodes;

namespace ResNetFunctions.Tests.Infra;

/// <summary>The Bicep compiler that tools/bicep gets from NuGet, run on infra/.</summary>
internal static class Bicep
{
    private static readonly Lazy<Task<string?>> Executable = new(FindAsync);
    private static readonly Lazy<Task<JsonObject>> Main = new(() => CompileAsync("main.bicep"));
    private static readonly Lazy<Task<JsonObject>> Events = new(() => CompileAsync("events.bicep"));

    /// <summary>main.bicep as the ARM JSON that Resource Manager gets.</summary>
    public static Task<JsonObject> MainTemplateAsync() => Main.Value;

    /// <summary>events.bicep as the ARM JSON that Resource Manager gets.</summary>
    public static Task<JsonObject> EventsTemplateAsync() => Events.Value;

    /// <summary>The resources that a template would make with these parameters, its expressions worked out.</summary>
    public static async Task<Deployment> PredictAsync(string template, string parameters, params string[] scope)
    {
        string bicep = await GetAsync();
        var folder = Directory.CreateTempSubdirectory("resnet-infra-");
        try
        {
            CopyTemplates(folder.FullName);
            string file = Path.Combine(folder.FullName, "test.bicepparam");
            await File.WriteAllTextAsync(file, $"using '{template}'\n{parameters}\n", TestContext.Current.CancellationToken);
            await RunAsync(bicep, ["snapshot", file, "--mode", "Overwrite", "--subscription-id", Guid.Empty.ToString(), .. scope]);
            string snapshot = await File.ReadAllTextAsync(Path.Combine(folder.FullName, "test.snapshot.json"), TestContext.Current.CancellationToken);
            return new Deployment(JsonNode.Parse(snapshot)!.AsObject());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<JsonObject> CompileAsync(string template)
    {
        string json = await RunAsync(await GetAsync(), ["build", Repository.PathOf("infra", template), "--stdout"]);
        return JsonNode.Parse(json)!.AsObject();
    }

    private static async Task<string> GetAsync()
    {
        string? bicep = await Executable.Value;
        Assert.SkipWhen(bicep is null, "Skipped: NuGet does not serve the Bicep compiler for this machine.");
        return bicep!;
    }

    private static async Task<string?> FindAsync()
    {
        string project = Repository.PathOf("tools", "bicep", "bicep.proj");
        if ((await Command.RunAsync(new("dotnet", ["restore", project]))).ExitCode != 0)
            return null;
        return (await RunAsync("dotnet", ["msbuild", project, "-getProperty:BicepExecutable"])).Trim();
    }

    private static void CopyTemplates(string folder)
    {
        string infra = Repository.PathOf("infra");
        Directory.CreateDirectory(Path.Combine(folder, "app"));
        foreach (string file in Directory.EnumerateFiles(infra, "*.bicep", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(folder, Path.GetRelativePath(infra, file)));
    }

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        var (exitCode, output, error) = await Command.RunAsync(new(program, arguments));
        Assert.True(exitCode == 0 && error.Length == 0, $"{program} {string.Join(' ', arguments)}\n{error}\n{output}");
        return output;
    }
}
