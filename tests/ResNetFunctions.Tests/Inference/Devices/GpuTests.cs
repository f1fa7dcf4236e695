using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Devices;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.Tests.Imaging.Decoding;
using ResNetFunctions.Tests.Inference.Models;
using SixLabors.ImageSharp.Formats.Jpeg;

namespace ResNetFunctions.Tests.Inference.Devices;

/// <summary>The GPU against the processor: <c>dotnet test -p:OnnxRuntime=Gpu</c> on a machine that has one.</summary>
public sealed class GpuTests
{
    [Theory]
    [InlineData("resnet18")]
    [InlineData("mobilenet_v2")]
    [InlineData("efficientnet_b0")]
    public async Task RunAsync_OnTheGpu_AnswersAsTheProcessor(string model)
    {
        Assert.SkipWhen(Cuda.Problem is not null, $"Skipped: {Cuda.Problem}");
        using ModelSession cpu = Load(model, Device.Cpu), gpu = Load(model, Device.Cuda);
        PixelBuffer[] pictures = [.. Enumerable.Range(0, 40).Select(i => new SkiaDecoder().Decode(TestImages.Encode(new JpegEncoder(), 230 + (7 * i), 300 - i)))];

        float[][] together = await Task.WhenAll(pictures.Select(picture => Task.Run(() => RunAsync(gpu, picture), Cancelled)));

        foreach ((PixelBuffer picture, float[] actual) in pictures.Zip(together))
        {
            float[] expected = await RunAsync(cpu, picture);
            float tolerance = 1e-3f * MathF.Max(1, expected.Max(MathF.Abs) / 10);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
            picture.Dispose();
        }
    }

    [Fact]
    public async Task ClassifyAsync_64AtOnce_AnswerAsOneByOne()
    {
        Assert.SkipWhen(Cuda.Problem is not null, $"Skipped: {Cuda.Problem}");
        using var classifier = new Classifier(Options("resnet18", Device.Cuda));
        byte[] picture = TestImages.Encode(new JpegEncoder(), 500, 375);
        IReadOnlyList<Prediction> alone = (await classifier.ClassifyAsync(picture, top: 5, cancellationToken: Cancelled)).Predictions;

        Classification[] together = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(
            async () => await classifier.ClassifyAsync(picture, top: 5, cancellationToken: Cancelled), Cancelled)));

        Assert.All(together, answer => Assert.Equal(alone.Select(p => p.Index), answer.Predictions.Select(p => p.Index)));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static ClassifierOptions Options(string model, Device device) =>
        new() { ModelsPath = SeededModels.Folder(model), DefaultModel = model, CachePath = "", Device = device, BatchDelay = TimeSpan.FromMilliseconds(20) };

    private static ModelSession Load(string model, Device device)
    {
        ClassifierOptions options = Options(model, device);
        var store = new ModelStore(options);
        return ModelSession.Load(store, store.Find(model), options);
    }

    private static async Task<float[]> RunAsync(ModelSession session, PixelBuffer pixels)
    {
        using ModelSession.Bindings bindings = session.Rent();
        bindings.Fill(pixels, Orientation.TopLeft);
        return (await session.RunAsync(bindings, logits: true, Cancelled)).Logits!;
    }
}
