namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The worker's description of its functions.</summary>
public sealed class IndexingTests(Workers workers)
{
    [Theory]
    [InlineData("ClassifyImage", "api/classify", "post", "Function")]
    [InlineData("ListModels", "api/models", "get head", "Anonymous")]
    [InlineData("HealthLive", "api/health/live", "get head", "Anonymous")]
    [InlineData("HealthReady", "api/health/ready", "get head", "Anonymous")]
    [InlineData("OpenApi", "api/openapi.json", "get head", "Anonymous")]
    [InlineData("Page", "api/ui/{*path}", "get head", "Anonymous")]
    [InlineData("StartBackfill", "api/backfills", "post", "Function")]
    [InlineData("GetBackfill", "api/backfills/{id}", "get head", "Function")]
    [InlineData("StopBackfill", "api/backfills/{id}", "delete", "Function")]
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
        Assert.Equal(11, worker.Functions.Count);
    }

    [Fact]
    public async Task Queues_WithAnImageAccount_AreThoseOfTheSettings()
    {
        await using FunctionsWorker worker = await Workers.StartAsync(("ImageStorage", "UseDevelopmentStorage=true"));
        await using FunctionsWorker named = await Workers.StartAsync(("ImageStorage__blobServiceUri", "https://x.blob.core.windows.net"), ("Blobs__WorkQueue", "mine"));

        Assert.Equal(("queueTrigger", "image-work", "ImageStorage"), QueueOf(worker, "ClassifyQueued"));
        Assert.Equal(("queueTrigger", "image-work-walks", "ImageStorage"), QueueOf(worker, "WalkImages"));
        Assert.Equal(("queueTrigger", "mine", "ImageStorage"), QueueOf(named, "ClassifyQueued"));
        Assert.Equal(("queueTrigger", "mine-walks", "ImageStorage"), QueueOf(named, "WalkImages"));
    }

    [Fact]
    public async Task Queues_WithoutAnImageAccount_AreNotThere()
    {
        FunctionsWorker worker = await workers.Default;

        Assert.DoesNotContain("ClassifyQueued", worker.Functions.Keys);
        Assert.DoesNotContain("WalkImages", worker.Functions.Keys);
    }

    private static (string?, string?, string?) QueueOf(FunctionsWorker worker, string function)
    {
        Trigger trigger = FunctionsWorker.TriggerOf(worker.Functions[function]);
        return (trigger["type"], trigger["queueName"], trigger["connection"]);
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

    // Their key is checked by the app, not by the host.
    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("a key", 14)]
    public async Task Dialects_WithoutAClientKey_FindNoRoute(string? key, int functions)
    {
        await using FunctionsWorker worker = await Workers.StartAsync(key is null ? [] : [("ResNet__ClientKey", key)]);

        Trigger[] foreign = [.. worker.Functions.Values.Select(FunctionsWorker.TriggerOf)
            .Where(trigger => trigger["route"] is { } route && !route.StartsWith("api/", StringComparison.Ordinal))];

        Assert.Equal(functions, foreign.Length);
        Assert.All(foreign, trigger => Assert.Equal("Anonymous", trigger["authLevel"]));
        Assert.Equal(11 + functions, worker.Functions.Count);
        using HttpResponseMessage answer = await worker.Client.GetAsync("v2/health/live", TestContext.Current.CancellationToken);
        Assert.Equal(functions > 0 ? 200 : 404, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Worker_Started_ListensOnLoopbackAlone() =>
        Assert.True(new Uri((await workers.Default).Capabilities["HttpUri"]).IsLoopback);
}
