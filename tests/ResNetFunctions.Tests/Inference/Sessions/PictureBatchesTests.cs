using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Diagnostics;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.Tests.Imaging.Decoding;
using ResNetFunctions.Tests.Inference.Models;
using SixLabors.ImageSharp.Formats.Jpeg;
using ElementType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.Tests.Inference.Sessions;

/// <summary>Pictures that run together, on the processor, get the answers that they get alone.</summary>
public sealed class PictureBatchesTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly ModelsFolder _models = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _models.Dispose();

    [Theory]
    [InlineData("squeezenet1_1")]
    [InlineData("resnet18")]
    public async Task RunAsync_64CallersAtOnce_EachGetsItsOwnAnswer(string model)
    {
        var options = new ClassifierOptions
        {
            ModelsPath = SeededModels.Folder(model),
            DefaultModel = model,
            CachePath = "",
            MaxBatch = 6, // not a power of two
            BatchDelay = TimeSpan.FromMilliseconds(50),
        };
        using ModelSession single = Load(options, batches: false), batching = Load(options, batches: true);
        PixelBuffer[] pictures = [.. Enumerable.Range(0, 8).Select(i => new SkiaDecoder().Decode(TestImages.Encode(new JpegEncoder(), 180 + (31 * i), 300 - (9 * i))))];
        float[][] alone = [.. await Task.WhenAll(pictures.Select(picture => RunAsync(single, picture)))];

        using var sizes = new BatchSizes();

        (int Picture, float[] Logits)[] together = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(
            async () => (i % 8, await RunAsync(batching, pictures[i % 8])), Cancelled))).WaitAsync(Limit, Cancelled);

        Assert.InRange(sizes.Largest, 2, options.MaxBatch);
        foreach ((int picture, float[] logits) in together)
        {
            float[] wanted = alone[picture];
            Assert.Equal(TopFive(wanted), TopFive(logits));
            Assert.All(wanted.Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * (1 + MathF.Abs(pair.First))));
        }
        Array.ForEach(pictures, picture => picture.Dispose());
    }

    // A graph whose first axis is 1 takes one picture a run, whatever is asked for.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_GraphOfOnePictureARun_RunsThemOneByOne(bool isFloat16)
    {
        _models.AddTiny("tiny", new TinyModel { Type = isFloat16 ? ElementType.Float16 : ElementType.Float });
        using ModelSession session = Load(_models.Options("tiny"), batches: true);
        using PixelBuffer red = new SkiaDecoder().Decode(TestImages.Plain(255, 0, 0)), blue = new SkiaDecoder().Decode(TestImages.Plain(0, 0, 255));

        float[][] answers = await Task.WhenAll(RunAsync(session, red), RunAsync(session, blue)).WaitAsync(Limit, Cancelled);

        Assert.Equal([0, 2], answers.Select(logits => Array.IndexOf(logits, logits.Max())));
    }

    [Fact]
    public async Task RunAsync_APictureWhosePreparationFails_HoldsNobodyUp()
    {
        var options = new ClassifierOptions
        {
            ModelsPath = SeededModels.Folder("squeezenet1_1"),
            DefaultModel = "squeezenet1_1",
            CachePath = "",
            BatchDelay = TimeSpan.FromSeconds(1),
            MaxBatch = 4,
        };
        using ModelSession session = Load(options, batches: true);
        using PixelBuffer pixels = new SkiaDecoder().Decode(TestImages.Jpeg);
        float[] before = await RunAsync(session, pixels);

        session.Rent().Dispose(); // as after a cancellation between two steps

        Assert.Equal(before, await RunAsync(session, pixels).WaitAsync(Limit, Cancelled));
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 1, 2 })]
    [InlineData(6, new[] { 1, 2, 4, 6 })]
    [InlineData(32, new[] { 1, 2, 4, 8, 16, 32 })]
    public void SizesUpTo_AnyNumber_DoubleAndEndWithIt(int most, int[] sizes) => Assert.Equal(sizes, BatchTensors.SizesUpTo(most));

    /// <summary>Listens to the metric of the batches' sizes.</summary>
    private sealed class BatchSizes : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentBag<int> _sizes = [];

        public BatchSizes()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Telemetry.Name && instrument.Name == "resnet.batch.size")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<int>((_, size, _, _) => _sizes.Add(size));
            _listener.Start();
        }

        public int Largest => _sizes.Max();

        public void Dispose() => _listener.Dispose();
    }

    private static ModelSession Load(ClassifierOptions options, bool batches)
    {
        var store = new ModelStore(options);
        Manifest manifest = store.Find(options.DefaultModel!);
        return ModelSession.Load(store.Open(manifest), manifest, store.LabelsOf(manifest), options, batches);
    }

    private static async Task<float[]> RunAsync(ModelSession session, PixelBuffer pixels)
    {
        using ModelSession.Bindings bindings = session.Rent();
        bindings.Fill(pixels, Orientation.TopLeft);
        return (await session.RunAsync(bindings, logits: true, Cancelled)).Logits!;
    }

    private static int[] TopFive(float[] logits) => [.. logits.Index().OrderByDescending(logit => logit.Item).Take(5).Select(logit => logit.Index)];
}
