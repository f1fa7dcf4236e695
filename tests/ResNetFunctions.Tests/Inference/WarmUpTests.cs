using ResNetFunctions.Inference;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Inference;

public sealed class WarmUpTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly ModelsFolder _models = new();
    private readonly Classifier _classifier;

    public WarmUpTests() => _classifier = new Classifier(_models.AddTiny("tiny").Options("tiny"));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _classifier.Dispose();
        _models.Dispose();
    }

    [Fact]
    public async Task WarmUpAsync_NobodyElse_RunsTheModel()
    {
        Assert.False(_classifier.IsReady);

        await _classifier.WarmUpAsync(cancellationToken: Cancelled);

        Assert.True(_classifier.IsReady);
        Assert.Equal("tiny", Assert.Single(_classifier.Loaded).Name);
    }

    // It may be one that never runs this model.
    [Fact]
    public async Task WarmUpAsync_BesideARequestThatDoesNotRun_WaitsOnlyAWhile()
    {
        using Admission request = await _classifier.AdmitAsync(cancellationToken: Cancelled);

        await _classifier.WarmUpAsync(cancellationToken: Cancelled).WaitAsync(Limit, Cancelled);

        Assert.True(_classifier.IsReady);
    }

    [Fact]
    public async Task WarmUpAsync_BesideARequest_BothSucceed()
    {
        using Admission request = await _classifier.AdmitAsync(cancellationToken: Cancelled);
        Task warmUp = _classifier.WarmUpAsync(cancellationToken: Cancelled);

        Assert.Equal("red", (await request.ClassifyAsync(TestImages.Plain(255, 0, 0), Cancelled)).Predictions[0].Label);

        await warmUp.WaitAsync(Limit, Cancelled);
        Assert.True(_classifier.IsReady);
    }
}
