using System.Diagnostics;

namespace ResNetFunctions.Tests.Infra;

/// <summary>azd's hooks, run with an `az` and a `dotnet` that only write down how they were called.</summary>
public sealed class HookTests : IDisposable
{
    private readonly DirectoryInfo _tools = Directory.CreateTempSubdirectory("resnet-hooks-");

    private string Log => Path.Combine(_tools.FullName, "calls");

    public void Dispose() => _tools.Delete(recursive: true);

    [Theory]
    [InlineData("sh")]
    [InlineData("pwsh")]
    public async Task PrePackage_ByDefault_PullsResNet18(string shell)
    {
        WriteDotNet(exitCode: 0);
        var hook = await RunAsync(shell, "prepackage", []);
        Assert.Equal(0, hook.ExitCode);
        Assert.Equal(["dotnet run --project src/ResNetFunctions.Cli -c Release -- models pull resnet18"], await CallsAsync());
        Assert.Equal("default", (await File.ReadAllTextAsync(Repository.PathOf("artifacts", "model.txt"), TestContext.Current.CancellationToken)).Trim());
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("pwsh")]
    public async Task PrePackage_WithoutNetwork_TakesTheBundledModel(string shell)
    {
        WriteDotNet(exitCode: 1);
        var hook = await RunAsync(shell, "prepackage", []);
        Assert.Equal((0, "The package takes the bundled network."), (hook.ExitCode, hook.Error.Trim()));
        Assert.Equal("default", (await File.ReadAllTextAsync(Repository.PathOf("artifacts", "model.txt"), TestContext.Current.CancellationToken)).Trim());
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("pwsh")]
    public async Task PrePackage_WhenThePullFails_StopsAzd(string shell)
    {
        WriteDotNet(exitCode: 3);
        Assert.Equal(3, (await RunAsync(shell, "prepackage", new() { ["RESNET_MODEL"] = "resnet50" })).ExitCode);
        Assert.EndsWith("models pull resnet50", Assert.Single(await CallsAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("pwsh")]
    public async Task PostDeploy_OnceTheWebhookHasItsKey_DeploysTheEventSubscription(string shell)
    {
        // The second time that it is asked, the host has started.
        WriteTool("az", """
            if [ "$1 $2 $3" = "functionapp keys list" ] && [ "$(grep -c 'keys list' "$CALLS")" -gt 1 ]; then echo blobs_extension; fi
            """);
        var hook = await RunAsync(shell, "postdeploy", Provisioned);
        Assert.Equal((0, ""), (hook.ExitCode, hook.Error));
        string[] calls = await CallsAsync();
        Assert.Equal(4, calls.Length);
        Assert.Equal("az account show --subscription sub --output none", calls[0]);
        Assert.All(calls[1..3], call => Assert.Equal("az functionapp keys list --subscription sub --resource-group rg --name func --query keys(systemKeys) --output tsv", call));
        Assert.Equal("az deployment group create --subscription sub --resource-group rg --name events --template-file infra/events.bicep --output none --parameters "
            + "functionAppName=func topicName=evgt imageStorageName=stimages imagesContainer=images deadLetterContainer=undelivered-events", calls[3]);
    }

    [Fact]
    public async Task PostDeploy_GivesEachParameterOfTheSecondStage()
    {
        var parameters = (await Bicep.EventsTemplateAsync())["parameters"]!.AsObject().Select(parameter => parameter.Key).ToArray();
        foreach (string hook in (string[])["postdeploy.sh", "postdeploy.ps1"])
        {
            string script = await File.ReadAllTextAsync(Repository.PathOf("infra", "hooks", hook), TestContext.Current.CancellationToken);
            Assert.All(parameters, parameter => Assert.Contains($" {parameter}=", script, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("pwsh")]
    public async Task PostDeploy_WithNoKeyInTime_SaysSoAndFails(string shell)
    {
        WriteTool("az", "");
        var hook = await RunAsync(shell, "postdeploy", new(Provisioned) { ["WEBHOOK_ATTEMPTS"] = "2" });
        Assert.Equal(1, hook.ExitCode);
        Assert.Contains("azd hooks run postdeploy", hook.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(await CallsAsync(), call => call.Contains("deployment", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("pwsh")]
    public async Task PostDeploy_BeforeProvision_SaysWhatIsMissing(string shell)
    {
        WriteTool("az", "");
        var hook = await RunAsync(shell, "postdeploy", new() { ["AZURE_SUBSCRIPTION_ID"] = "sub" });
        Assert.Equal(1, hook.ExitCode);
        Assert.StartsWith("AZURE_RESOURCE_GROUP is not set", hook.Error, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Provisioned => new()
    {
        ["AZURE_SUBSCRIPTION_ID"] = "sub",
        ["AZURE_RESOURCE_GROUP"] = "rg",
        ["AZURE_FUNCTION_APP"] = "func",
        ["AZURE_EVENT_TOPIC"] = "evgt",
        ["AZURE_IMAGE_STORAGE"] = "stimages",
        ["AZURE_IMAGES_CONTAINER"] = "images",
        ["AZURE_DEAD_LETTER_CONTAINER"] = "undelivered-events",
    };

    // A pwsh that was installed as a .NET tool starts by `dotnet` itself, which must be the real one.
    private void WriteDotNet(int exitCode) =>
        WriteTool("dotnet", $"exit {exitCode}", before: $"[ \"$1\" = run ] || exec \"{Find("dotnet")}\" \"$@\"");

    private void WriteTool(string name, string body, string before = "")
    {
        string path = Path.Combine(_tools.FullName, name);
        File.WriteAllText(path, $"#!/bin/sh\n{before}\necho \"{name} $*\" >> \"$CALLS\"\n{body}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<string[]> CallsAsync() => await File.ReadAllLinesAsync(Log, TestContext.Current.CancellationToken);

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string shell, string hook, Dictionary<string, string> environment)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Skipped: the stand-ins for az and dotnet are shell scripts.");
        string? program = Find(shell);
        Assert.SkipWhen(program is null, $"Skipped: {shell} is not here.");
        string script = Repository.PathOf("infra", "hooks", hook + (shell == "sh" ? ".sh" : ".ps1"));
        var start = new ProcessStartInfo(program!, shell == "sh" ? [script] : ["-NoProfile", "-File", script])
        {
            WorkingDirectory = _tools.FullName,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("AZURE_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["PATH"] = $"{_tools.FullName}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["CALLS"] = Log;
        start.Environment["WEBHOOK_INTERVAL"] = "0";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return await Command.RunAsync(start);
    }

    private static string? Find(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
