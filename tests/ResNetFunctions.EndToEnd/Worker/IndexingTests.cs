namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>What the worker tells the host of its functions.</summary>
public sealed class IndexingTests(Workers workers)
{
    [Theory]
    [InlineData("ClassifyImage", "classify", "post", "Function")]
    [InlineData("ListModels", "models", "get", "Anonymous")]
    [InlineData("HealthLive", "health/live", "get", "Anonymous")]
    [InlineData("HealthReady", "health/ready", "get", "Anonymous")]
    [InlineData("OpenApi", "openapi.json", "get", "Anonymous")]
    [InlineData("Page", "ui/{*path}", "get head", "Anonymous")]
    public async Task HttpFunctions_AsReported_HaveTheirRouteVerbsAndLevel(string name, string route, string verbs, string level)
    {
        FunctionsWorker worker = await workers.Default;

        Trigger trigger = FunctionsWorker.TriggerOf(worker.Functions[name]);

        Assert.Equal("httpTrigger", trigger["type"]);
        Assert.Equal(route, trigger["route"]);
        Assert.Equal(level, trigger["authLevel"]);
        Assert.Equal(verbs, string.Join(' ', trigger.Binding.GetProperty("methods").EnumerateArray().Select(verb => verb.GetString())));
    }

    [Fact]
    public async Task Worker_Started_ListensOnLoopbackAlone() =>
        Assert.True(new Uri((await workers.Default).Capabilities["HttpUri"]).IsLoopback);
}
