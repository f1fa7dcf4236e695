using System.Net;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>Invalid settings leave a worker that says so.</summary>
public sealed class SettingsTests(Workers workers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ResNet__Top", "0", "Top")]
    [InlineData("ResNet__MaxImagePixels", "many", "MaxImagePixels")]
    [InlineData("ResNet__Topp", "3", "Topp")]
    [InlineData("ResNet__Device", "cuda", "Device is cuda. This build is for the CPU:")]
    public async Task Requests_InvalidSetting_AreMisconfigured(string name, string value, string named)
    {
        await using FunctionsWorker worker = await Workers.StartAsync((name, value));

        using HttpResponseMessage classify = await worker.Client.ClassifyAsync(Workers.Sample);
        using HttpResponseMessage ready = await worker.Client.GetAsync("api/health/ready", Cancelled);
        using HttpResponseMessage models = await worker.Client.GetAsync("api/models", Cancelled);
        using HttpResponseMessage live = await worker.Client.GetAsync("api/health/live", Cancelled);

        await classify.IsProblemAsync(503, "misconfigured");
        await ready.IsProblemAsync(503, "misconfigured");
        await models.IsProblemAsync(503, "misconfigured");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode); // To start it again would not help.
        Assert.Contains(named, Assert.Single(worker.Log, line => line.StartsWith("5 ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_NoWeights_AreModelUnavailable()
    {
        await using FunctionsWorker worker = await Workers.StartAsync(("ResNet__ModelsPath", workers.WithoutWeights));

        using HttpResponseMessage classify = await worker.Client.ClassifyAsync(Workers.Sample);
        using HttpResponseMessage ready = await worker.Client.GetAsync("api/health/ready", Cancelled);

        await classify.IsProblemAsync(503, "model-unavailable");
        await ready.IsProblemAsync(503, "model-unavailable");
    }

    [Fact]
    public async Task Requests_WeightsThatAreNoGraph_AreMisconfiguredWithTheCommandThatMakesOne()
    {
        string weights = Path.Combine(workers.WithoutWeights, "mine.pth");
        await File.WriteAllBytesAsync(weights, [1, 2, 3], Cancelled);
        await using FunctionsWorker worker = await Workers.StartAsync(("ResNet__Weights", weights));

        using HttpResponseMessage classify = await worker.Client.ClassifyAsync(Workers.Sample);

        await classify.IsProblemAsync(503, "misconfigured");
        Assert.Contains(
            "resnet models convert mine.pth", Assert.Single(worker.Log, line => line.StartsWith("5 ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
