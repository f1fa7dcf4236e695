using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Inference.Sessions;

/// <summary>Several models at once, told apart by their labels.</summary>
public sealed class LoadedModelsTests : IDisposable
{
    private static readonly byte[] Red = TestImages.Plain(255, 0, 0);

    private readonly ModelsFolder _models = new();

    public LoadedModelsTests()
    {
        foreach (string name in (string[])["a", "b", "c"])
            _models.AddTiny(name, null, name + "-red", name + "-green", name + "-blue");
    }

    public void Dispose() => _models.Dispose();

    [Fact]
    public async Task Classify_MoreModelsThanAreKept_LetsGoOfTheLeastRecentlyUsed()
    {
        using Classifier classifier = Create(keep: 2);
        foreach (string name in (string[])["a", "b", "a", "c"])
            Assert.Equal(name + "-red", await AskAsync(classifier, name));

        Assert.Equal(["a", "c"], classifier.Loaded.Select(model => model.Name).Order());
        Assert.Equal(3, classifier.Loads);

        await AskAsync(classifier, "b");
        Assert.Equal(["b", "c"], classifier.Loaded.Select(model => model.Name).Order());
    }

    [Fact]
    public async Task Classify_ModelInUse_IsNotLetGo()
    {
        using Classifier classifier = Create(keep: 1);
        using (Admission admission = await classifier.AdmitAsync(model: "a", cancellationToken: Cancelled))
        {
            await admission.ClassifyAsync(Red, Cancelled);
            await AskAsync(classifier, "b");
            await AskAsync(classifier, "c");

            Assert.Equal("a-red", (await admission.ClassifyAsync(Red, Cancelled)).Predictions[0].Label);
            Assert.Contains("a", classifier.Loaded.Select(model => model.Name));
        }

        await AskAsync(classifier, "c");
        Assert.Equal(["c"], classifier.Loaded.Select(model => model.Name));
    }

    [Fact]
    public async Task Classify_ManyCallersOfManyModels_EachGetsItsModelsAnswer()
    {
        using Classifier classifier = Create(keep: 1);

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            string name = "abc"[i * 7 % 3].ToString();
            Assert.Equal(name + "-red", await AskAsync(classifier, name));
        });

        Assert.Single(classifier.Loaded);
        Assert.InRange(classifier.Loads, 3, 200);
    }

    [Fact]
    public async Task Classify_AfterALoadThatFailed_TriesAgain()
    {
        string graph = _models.PathOf("a.onnx");
        byte[] good = await File.ReadAllBytesAsync(graph, Cancelled);
        await File.WriteAllTextAsync(graph, "half written", Cancelled);
        using Classifier classifier = Create(keep: 1);
        Assert.Equal(ErrorCode.ModelUnavailable, (await Assert.ThrowsAsync<UnavailableException>(() => AskAsync(classifier, "a"))).Code);

        await File.WriteAllBytesAsync(graph, good, Cancelled);

        Assert.Equal("a-red", await AskAsync(classifier, "a"));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Classifier Create(int keep)
    {
        ClassifierOptions options = _models.Options("a");
        options.MaxLoadedModels = keep;
        options.MaxConcurrency = 4;
        return new Classifier(options);
    }

    private static async Task<string> AskAsync(Classifier classifier, string model) =>
        (await classifier.ClassifyAsync(Red, model: model, cancellationToken: Cancelled)).Predictions[0].Label;
}
