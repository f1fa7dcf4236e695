using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Decoding;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.Tests.Inference.Decoding;
using SixLabors.ImageSharp.Formats.Jpeg;

namespace ResNetFunctions.Tests.Inference.Sessions;

[Collection(nameof(Alone))]
public sealed class OnnxSessionsTests : IDisposable
{
    private readonly string _cache = Directory.CreateTempSubdirectory("resnet-test-").FullName;

    [Theory]
    [InlineData("squeezenet1_1", null)]
    [InlineData("resnet18", "reference/resnet18-trained.pth")]
    [InlineData("mobilenetv2-12-qdq", "models/mobilenetv2-12-qdq.onnx")]
    public void Run_AloneOrAmongOthers_GivesTheSameBits(string model, string? weights)
    {
        var options = new ClassifierOptions
        {
            DefaultModel = model,
            Weights = weights is null ? null : SharedFolder.PathOf(weights),
            CachePath = _cache,
            MaxConcurrency = 8,
        };
        var store = new ModelStore(options);
        using ModelSession session = ModelSession.Load(store, store.Find(model), options);
        byte[] jpeg = TestImages.Jpeg;
        using PixelBuffer pixels = new SkiaDecoder().Decode(jpeg);
        using ModelSession.Bindings bindings = session.Rent();
        bindings.Fill(pixels, Orientation.TopLeft);

        Assert.Equal(session.Run(bindings, 1000, alone: true), session.Run(bindings, 1000, alone: false));
    }

    [Fact]
    public async Task ClassifyAsync_ManyAtOnce_AnswerAsOneByOne()
    {
        using var classifier = new Classifier(new ClassifierOptions { DefaultModel = "squeezenet1_1", CachePath = _cache, MaxConcurrency = 3 });
        byte[][] pictures = [.. Enumerable.Range(0, 24).Select(i => TestImages.Encode(new JpegEncoder(), 200 + (7 * i), 300 - (5 * i)))];
        List<IReadOnlyList<Prediction>> alone = [];
        foreach (byte[] picture in pictures)
            alone.Add((await classifier.ClassifyAsync(picture, top: 20, cancellationToken: TestContext.Current.CancellationToken)).Predictions);

        Classification[] together = await Task.WhenAll(pictures.Select(picture => Task.Run(async () =>
            await classifier.ClassifyAsync(picture, top: 20, cancellationToken: TestContext.Current.CancellationToken))));

        Assert.Equal(alone, together.Select(answer => answer.Predictions));
        Assert.Equal(1, classifier.Loads);
    }

    [Fact]
    public async Task ClassifyAsync_EachImage_AllocatesLessThan20Kilobytes()
    {
        const int Images = 40;
        using var classifier = new Classifier(new ClassifierOptions { DefaultModel = "squeezenet1_1", CachePath = _cache });
        byte[] picture = TestImages.Encode(new JpegEncoder(), 500, 375);
        for (int i = 0; i < 10; i++)
            await classifier.ClassifyAsync(picture, cancellationToken: TestContext.Current.CancellationToken);

        // The runtime itself allocates now and then: the least of several tries is what the images took.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Images; i++)
                await classifier.ClassifyAsync(picture, cancellationToken: TestContext.Current.CancellationToken);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Images);
        }

        TestContext.Current.SendDiagnosticMessage($"{least} bytes an image");
        Assert.InRange(least, 0, 20_000);
    }

    // The weights are used where they lie: were they let go of, what is written over them next would be the answer.
    [Fact]
    public async Task ClassifyAsync_AfterACollection_StillHasItsWeights()
    {
        // Of SqueezeNet's graph ONNX Runtime uses no byte in place, and nothing would happen.
        var options = new ClassifierOptions { DefaultModel = "resnet18", CachePath = _cache, MaxConcurrency = 2 };
        using (var first = new Classifier(options))
            await first.WarmUpAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var classifier = new Classifier(options);
        byte[] picture = TestImages.Encode(new JpegEncoder(), 200, 300);
        IReadOnlyList<Prediction> before = await TogetherAsync();

        for (int i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        byte[][] others = [.. Enumerable.Range(0, 20).Select(_ => GC.AllocateUninitializedArray<byte>(5_000_000, pinned: true))];
        Array.ForEach(others, other => other.AsSpan().Fill(0xFF));

        Assert.Equal(before, await TogetherAsync());
        GC.KeepAlive(others);

        // Several at once, so that both sessions are made and run.
        async Task<IReadOnlyList<Prediction>> TogetherAsync()
        {
            Classification[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
                await classifier.ClassifyAsync(picture, cancellationToken: TestContext.Current.CancellationToken))));
            return answers[0].Predictions;
        }
    }

    public void Dispose() => Directory.Delete(_cache, recursive: true);
}
