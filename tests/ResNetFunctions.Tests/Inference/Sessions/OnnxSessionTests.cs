using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.ModelTools;
using ResNetFunctions.Tests.Imaging.Decoding;
using ResNetFunctions.Tests.Inference.Models;
using SixLabors.ImageSharp.Formats.Jpeg;

namespace ResNetFunctions.Tests.Inference.Sessions;

[Collection(nameof(Sequential))]
public sealed class OnnxSessionTests : IDisposable
{
    private readonly string _cache = Directory.CreateTempSubdirectory("resnet-test-").FullName;

    [Theory]
    [InlineData("squeezenet1_1", null)]
    [InlineData("resnet18", "reference/resnet18-trained.pth")]
    [InlineData("mobilenetv2-12-qdq", "models/mobilenetv2-12-qdq.onnx")]
    public async Task RunAsync_AloneOrAmongOthers_GivesTheSameBits(string model, string? weights)
    {
        var options = new ClassifierOptions
        {
            ModelsPath = weights is null ? SeededModels.Folder(model) : null,
            DefaultModel = model,
            Weights = weights is null ? null : SharedFolder.PathOf(weights),
            CachePath = _cache,
            IntraOpThreads = 3,
            MakeGraph = GraphConverter.Graph,
        };
        var store = new ModelStore(options);
        using ModelSession session = ModelSession.Load(store, store.Find(model), options);
        using PixelBuffer pixels = new SkiaDecoder().Decode(TestImages.Jpeg);
        Prediction[] alone = await Task.Run(RunAsync);

        // Six on three threads: of each kind some, and some that find no thread without a run.
        Prediction[][] together = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(RunAsync)));

        Assert.All(together, answer => Assert.Equal(alone, answer));

        async Task<Prediction[]> RunAsync()
        {
            using ModelSession.Bindings bindings = session.Rent();
            bindings.Fill(pixels, Orientation.TopLeft);
            NetworkOutput output = await session.RunAsync(bindings).ConfigureAwait(false);
            Assert.True(Thread.CurrentThread.IsThreadPoolThread, "A thread of the session's went on with the request.");
            return Prediction.Top(output.Probabilities.Span, session.Labels, 1000);
        }
    }

    [Fact]
    public async Task ClassifyAsync_ManyAtOnce_AnswerAsOneByOne()
    {
        using var classifier = new Classifier(new ClassifierOptions { ModelsPath = SeededModels.Folder("squeezenet1_1"), DefaultModel = "squeezenet1_1", CachePath = _cache, MaxConcurrency = 3 });
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
        using var classifier = new Classifier(new ClassifierOptions { ModelsPath = SeededModels.Folder("squeezenet1_1"), DefaultModel = "squeezenet1_1", CachePath = _cache });
        byte[] picture = TestImages.Encode(new JpegEncoder(), 500, 375);
        for (int i = 0; i < 10; i++)
            await classifier.ClassifyAsync(picture, cancellationToken: TestContext.Current.CancellationToken);

        // The runtime allocates now and then: the least of several attempts is what the images took.
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

    // The weights are mapped: another process may delete the cache meanwhile.
    [Fact]
    public async Task ClassifyAsync_AfterItsCacheIsGone_StillHasItsWeights()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows deletes no file that is mapped.");
        var options = new ClassifierOptions
        {
            DefaultModel = "resnet18",
            Weights = SharedFolder.PathOf("reference/resnet18-trained.pth"),
            CachePath = _cache,
            MakeGraph = GraphConverter.Graph,
        };
        using var classifier = new Classifier(options);
        byte[] picture = TestImages.Encode(new JpegEncoder(), 200, 300);
        Classification before = await classifier.ClassifyAsync(picture, cancellationToken: TestContext.Current.CancellationToken);

        string[] made = Directory.GetFiles(_cache);
        Assert.Contains(made, file => file.EndsWith(".data", StringComparison.Ordinal));
        Array.ForEach(made, File.Delete);

        Classification after = await classifier.ClassifyAsync(picture, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(before.Predictions, after.Predictions);
    }

    public void Dispose() => Directory.Delete(_cache, recursive: true);
}
