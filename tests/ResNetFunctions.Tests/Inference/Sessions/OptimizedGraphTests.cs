using System.Diagnostics;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Quantization;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Inference.Sessions;

public sealed class OptimizedGraphTests : IDisposable
{
    // SqueezeNet is the smallest: 5 MB.
    private const string Model = "squeezenet1_1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-test-");

    private string Cache => Path.Combine(_folder.FullName, "cache");

    private string[] Folders => Directory.GetDirectories(Cache);

    [Theory]
    [InlineData("squeezenet1_1")]
    [InlineData("resnet18")]
    [InlineData("mobilenet_v2")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("efficientnet_b0")]
    public async Task Load_SecondTime_AnswersTheSameBitsAsTheGraphItself(string model)
    {
        string models = SeededModels.Folder(model);
        float[] graph = await ClassifyAsync(models, model, cache: "");

        Assert.Equal(graph, await ClassifyAsync(models, model));
        DateTime made = Directory.GetLastWriteTimeUtc(Assert.Single(Folders));

        Assert.Equal(graph, await ClassifyAsync(models, model));
        Assert.Equal(made, Directory.GetLastWriteTimeUtc(Assert.Single(Folders)));
    }

    [Theory]
    [InlineData("float16")]
    [InlineData("int8")]
    public async Task Load_OtherNumbers_AnswersTheSameBitsAsTheGraphItself(string numbers)
    {
        string name = numbers == "int8" ? "mobilenetv2-12-qdq" : Model;
        ModelProto model = OnnxFile.Read(
            numbers == "int8" ? SharedFolder.PathOf("models", $"{name}.onnx") : Path.Combine(SeededModels.Folder(Model), $"{Model}.onnx"));
        if (numbers == "float16")
            Float16Graph.Convert(model);
        foreach (string file in (string[])[$"{name}.json", "imagenet-1k.tsv"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, "models", file), Path.Combine(_folder.FullName, file));
        OnnxFile.Write(model, Path.Combine(_folder.FullName, $"{name}.onnx"), new Dictionary<string, string>());
        float[] graph = await ClassifyAsync(_folder.FullName, name, cache: "");

        Assert.Equal(graph, await ClassifyAsync(_folder.FullName, name));
        Assert.Single(Folders);
        Assert.Equal(graph, await ClassifyAsync(_folder.FullName, name));
    }

    [Fact]
    public void TryLoad_OnceMade_HasTheMetadataAndOptimizesNothing()
    {
        ModelFile file = SeededFile();
        Directory.CreateDirectory(Cache);
        OptimizedGraph optimized = OptimizedGraph.Of(file, Cache)!;
        Assert.Null(optimized.TryLoad(threads: 1));

        optimized.Make();

        using var session = optimized.TryLoad(threads: 1);
        Assert.Equal("0", session!.ModelMetadata.CustomMetadataMap["seed"]);
        ModelProto graph = OnnxFile.Parse(File.ReadAllBytes(Path.Combine(Assert.Single(Folders), "model.onnx")));
        Assert.True(graph.Graph.Node.Count < OnnxFile.Read(file).Graph.Node.Count);
        Assert.All(graph.Graph.Initializer.Where(tensor => tensor.Dims.Aggregate(1L, (a, b) => a * b) > 4096),
            tensor => Assert.Equal(TensorProto.Types.DataLocation.External, tensor.DataLocation));
    }

    [Theory]
    [InlineData("model.onnx", 0.5)]
    [InlineData("model.onnx", 0)]
    [InlineData("model.data", 0.5)]
    [InlineData("model.data", 0)]
    [InlineData("model.data", -1)]
    public async Task Load_Damaged_AnswersAndIsMadeAgain(string name, double left)
    {
        float[] first = await ClassifyAsync();
        string damaged = Path.Combine(Assert.Single(Folders), name);
        long whole = new FileInfo(damaged).Length;
        if (left < 0)
            File.Delete(damaged);
        else
            using (FileStream file = File.OpenWrite(damaged))
                file.SetLength((long)(whole * left));

        Assert.Equal(first, await ClassifyAsync());
        Assert.Equal(first, await ClassifyAsync());
        Assert.Equal(whole, new FileInfo(Path.Combine(Assert.Single(Folders), name)).Length);
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("model.data")]
    public async Task Load_OfAnotherUser_IsMadeAgain(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Skipped: only root can give a file away.");
        float[] first = await ClassifyAsync();
        string file = Path.Combine(Assert.Single(Folders), name);
        await Process.Start("chown", ["65534", file]).WaitForExitAsync(TestContext.Current.CancellationToken);

        OptimizedGraph optimized = OptimizedGraph.Of(SeededFile(), Cache)!;
        Assert.Null(optimized.TryLoad(threads: 1));
        Assert.Equal(first, await ClassifyAsync());
        using var session = optimized.TryLoad(threads: 1);
        Assert.NotNull(session);
    }

    [Fact]
    public async Task Load_AnotherGraphOfTheSameName_HasAFolderOfItsOwn()
    {
        float[] first = await ClassifyAsync();
        float[] second = await ClassifyAsync(SeededModels.Folder(Model, seed: 1), Model);

        Assert.NotEqual(first, second);
        Assert.Equal(2, Folders.Length);
        Assert.Equal(first, await ClassifyAsync());
        Assert.Equal(second, await ClassifyAsync(SeededModels.Folder(Model, seed: 1), Model));
    }

    [Fact]
    public void Make_TheGraphWasReplacedMeanwhile_KeepsNothing()
    {
        string path = Path.Combine(_folder.FullName, "mine.onnx");
        Directory.CreateDirectory(Cache);
        OnnxFile.Write(OnnxFile.Read(SeededFile()), path, new Dictionary<string, string>());
        OptimizedGraph optimized = OptimizedGraph.Of(new ModelFile(path, null), Cache)!;

        OnnxFile.Write(OnnxFile.Read(SeededFile(seed: 1)), path, new Dictionary<string, string>());
        optimized.Make();

        Assert.Empty(Directory.GetFileSystemEntries(Cache));
    }

    // Its weights may be in a file that changes while the graph's own bytes stay.
    [Fact]
    public void Of_AGraphThatWasNotWrittenHere_IsNone()
    {
        string path = Path.Combine(_folder.FullName, "mine.onnx");
        File.WriteAllBytes(path, OnnxFile.ToBytes(OnnxFile.Read(SeededFile()), new Dictionary<string, string>()));

        Assert.Null(OptimizedGraph.Of(new ModelFile(path, null), Cache));
        Assert.Null(OptimizedGraph.Of(new ModelFile(null, File.ReadAllBytes(path)), Cache));
    }

    [Fact]
    public void Make_ManyModels_KeepsTheNewestAndNothingUnfinished()
    {
        Directory.CreateDirectory(Cache);
        string[] older = [.. Enumerable.Range(0, 9).Select(i => Directory.CreateDirectory(Path.Combine(Cache, $"optimized-{i}")).FullName)];
        for (int i = 0; i < older.Length; i++)
            Directory.SetLastWriteTimeUtc(older[i], DateTime.UtcNow.AddHours(i - 20));
        string killed = Directory.CreateDirectory(Path.Combine(Cache, ".1.part")).FullName;
        Directory.SetLastWriteTimeUtc(killed, DateTime.UtcNow.AddDays(-2));
        string underWay = Directory.CreateDirectory(Path.Combine(Cache, ".2.part")).FullName;

        OptimizedGraph.Of(SeededFile(), Cache)!.Make();

        Assert.Equal(9, Folders.Length); // eight, and what another process makes
        Assert.Equal([false, false, true], older[..3].Select(Directory.Exists));
        Assert.Equal((false, true), (Directory.Exists(killed), Directory.Exists(underWay)));
    }

    [Fact]
    public async Task Make_SeveralAtOnce_LeaveOne()
    {
        float[][] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ClassifyAsync())));

        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.StartsWith("optimized-", Path.GetFileName(Assert.Single(Folders)), StringComparison.Ordinal);
    }

    private static ModelFile SeededFile(int seed = 0) => new(Path.Combine(SeededModels.Folder(Model, seed), $"{Model}.onnx"), null);

    private Task<float[]> ClassifyAsync() => ClassifyAsync(SeededModels.Folder(Model), Model);

    private async Task<float[]> ClassifyAsync(string models, string model, string? cache = null)
    {
        using var classifier = new Classifier(new ClassifierOptions { ModelsPath = models, DefaultModel = model, CachePath = cache ?? Cache });
        Classification answer = await classifier.ClassifyAsync(TestImages.Jpeg, top: 1000, cancellationToken: TestContext.Current.CancellationToken);
        return [.. answer.Predictions.OrderBy(p => p.Index).Select(p => p.Confidence)];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
