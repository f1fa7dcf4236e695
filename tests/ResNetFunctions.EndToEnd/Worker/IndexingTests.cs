namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>What the worker tells the host of its functions.</summary>
public sealed class IndexingTests(Workers workers)
{
    [Theory]
    [InlineData("ClassifyImage", "classify", "post", "Function")]
    [InlineData("ListModels", "models", "get head", "Anonymous")]
    [InlineData("HealthLive", "health/live", "get head", "Anonymous")]
    [InlineData("HealthReady", "health/ready", "get head", "Anonymous")]
    [InlineData("OpenApi", "openapi.json", "get head", "Anonymous")]
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
    public async Task BlobAndTimer_ByDefault_AreThoseOfADeployment()
    {
        FunctionsWorker worker = await workers.Default;

        Trigger blob = FunctionsWorker.TriggerOf(worker.Functions["ClassifyBlob"]), sweep = FunctionsWorker.TriggerOf(worker.Functions["SweepImages"]);

        Assert.Equal(("blobTrigger", "images/{name}", "EventGrid", "ImageStorage"), (blob["type"], blob["path"], blob["source"], blob["connection"]));
        Assert.Equal(("timerTrigger", "0 0 3 * * *"), (sweep["type"], sweep["schedule"]));
        Assert.Equal(8, worker.Functions.Count);
    }

    [Fact]
    public async Task BlobAndTimer_WithSettings_AreAsTheSettingsSay()
    {
        await using FunctionsWorker worker = await Workers.StartAsync(
            ("Blobs__ImagesContainer", "uploads"), ("Blobs__TriggerSource", "Polling"), ("Blobs__SweepSchedule", "*/15 * * * * *"));

        Trigger blob = FunctionsWorker.TriggerOf(worker.Functions["ClassifyBlob"]), sweep = FunctionsWorker.TriggerOf(worker.Functions["SweepImages"]);

        Assert.Equal(("uploads/{name}", "LogsAndContainerScan"), (blob["path"], blob["source"]));
        Assert.Equal("*/15 * * * * *", sweep["schedule"]);
    }

    [Fact]
    public async Task Sweep_WithAnEmptySchedule_IsNotThere()
    {
        await using FunctionsWorker worker = await Workers.StartAsync(("Blobs__SweepSchedule", ""));

        Assert.DoesNotContain("SweepImages", worker.Functions.Keys);
        Assert.Contains("ClassifyBlob", worker.Functions.Keys);
    }

    [Fact]
    public async Task Worker_Started_ListensOnLoopbackAlone() =>
        Assert.True(new Uri((await workers.Default).Capabilities["HttpUri"]).IsLoopback);
}
