using System.Text.Json;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Cli;

public sealed class BenchCommandTests
{
    [Fact]
    public async Task Bench_Server_IsDrivenWithOneFourAndSixteenClients()
    {
        await using Server server = await Server.StartAsync(o => (o.ModelsPath, o.DefaultModel, o.ApiKey) = (SeededModels.Folder("squeezenet1_1"), "squeezenet1_1", "secret"));

        var run = await ResNet.RunAsync(
            ["bench", "--http", server.Client.BaseAddress!.ToString(), "--key", "secret", "--seconds", "0.2", "--json"]);

        Assert.Equal(0, run.ExitCode);
        JsonElement[] rows = [.. JsonElement.Parse(run.Output).EnumerateArray()];
        Assert.Equal([1, 4, 16], rows.Select(row => row.GetProperty("clients").GetInt32()));
        Assert.All(rows, row => Assert.Equal(0, row.GetProperty("failed").GetInt32()));
        Assert.All(rows, row => Assert.True(row.GetProperty("requestsPerSecond").GetDouble() > 0));
    }

    [Fact]
    public async Task Bench_AtOnce_HasARowForEachNumber()
    {
        await using Server server = await Server.StartAsync(o => (o.ModelsPath, o.DefaultModel) = (SeededModels.Folder("squeezenet1_1"), "squeezenet1_1"));

        var ofServer = await ResNet.RunAsync(["bench", "--http", server.Client.BaseAddress!.ToString(), "--at-once", "2", "--seconds", "0.2", "--json"]);
        var ofModel = await ResNet.RunAsync(["bench", "--model", "squeezenet1_1", "--at-once", "1", "3", "--seconds", "0.1", "--json"]);
        var refused = await ResNet.RunAsync(["bench", "--at-once", "0"]);

        Assert.Equal([2], Numbers(ofServer.Output, "clients"));
        Assert.Equal([1, 3], Numbers(ofModel.Output, "atOnce"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--at-once takes numbers from 1 to 1024.", refused.Error, StringComparison.Ordinal);

        static IEnumerable<int> Numbers(string json, string name) =>
            JsonElement.Parse(json).EnumerateArray().Select(row => row.GetProperty(name).GetInt32());
    }

    [Fact]
    public async Task Bench_ServerThatRefuses_Fails()
    {
        await using Server server = await Server.StartAsync(o => (o.ModelsPath, o.DefaultModel, o.ApiKey) = (SeededModels.Folder("squeezenet1_1"), "squeezenet1_1", "secret"));

        var run = await ResNet.RunAsync(["bench", "--http", server.Client.BaseAddress!.ToString(), "--seconds", "0.1"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("HTTP 401", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_Model_HasARowForEachNumberOfCores()
    {
        var run = await ResNet.RunAsync(["bench", "--model", "squeezenet1_1", "--seconds", "0.1", "--json"]);

        Assert.Equal(0, run.ExitCode);
        JsonElement[] rows = [.. JsonElement.Parse(run.Output).EnumerateArray()];
        Assert.All(rows, row => Assert.Equal("float32", row.GetProperty("numbers").GetString()));
        Assert.Equal([1, .. Environment.ProcessorCount > 1 ? [Environment.ProcessorCount] : Array.Empty<int>()], rows.Select(row => row.GetProperty("cores").GetInt32()).Distinct());
        Assert.All(rows, row => Assert.Equal("cpu", row.GetProperty("device").GetString()));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("networkMs").GetDouble(), 0.01, row.GetProperty("p99Ms").GetDouble()));
        Assert.All(rows, row => Assert.True(row.GetProperty("shareOfPeak").GetDouble() > 0));
        Assert.All(rows, row => Assert.NotEqual("", row.GetProperty("peak").GetString()));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("overheadMs").GetDouble(), 0.01, row.GetProperty("p99Ms").GetDouble()));
    }
}
