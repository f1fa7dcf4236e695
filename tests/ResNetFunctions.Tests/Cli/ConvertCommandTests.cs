using System.Text.Json;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.Tests.Inference.Models;
using ResNetFunctions.Tests.Infra;
using ResNetFunctions.Tests.ModelTools.Weights;

namespace ResNetFunctions.Tests.Cli;

/// <summary><c>resnet models convert --float16</c>: of weights, of a graph, of a model.</summary>
public sealed class ConvertCommandTests : IDisposable
{
    private const string Network = "squeezenet1_1";

    private readonly ModelsFolder _models = new();

    public void Dispose() => _models.Dispose();

    [Fact]
    public async Task Convert_AModel_MakesOneThatAnswersLikeIt()
    {
        string photo = _models.AddWithPhotos("mine", Network)[0];

        var made = await RunAsync("models", "convert", "mine", "--float16", "--photos", _models.PathOf("photos"));

        Assert.True(made.ExitCode == 0, made.Error);
        Assert.StartsWith(_models.PathOf("mine-float16.onnx"), made.Output, StringComparison.Ordinal);
        Assert.Matches(@"against mine on 4 photos: same top-1 on [\d.]+ %", made.Output);
        Assert.Contains("torn.jpg", made.Error, StringComparison.Ordinal);
        Manifest manifest = Manifest.Parse(await File.ReadAllBytesAsync(_models.PathOf("mine-float16.json"), Cancelled));
        Assert.Equal(("mine", 4), (manifest.Float16!.From, manifest.Float16.Photos));
        Assert.InRange(manifest.Float16.ConfidenceChange!.Value, 0, 0.01);
        Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(_models.Path, "mine-float16.*.data"))).Length, 2_400_000, 2_600_000);

        var classified = await RunAsync("classify", photo, "--model", "mine-float16", "--json");
        Assert.Equal("user", JsonElement.Parse(classified.Output).GetProperty("model").GetProperty("weights").GetString());
    }

    [Fact]
    public async Task Convert_TheBundledModel_IsStillBundledAndSeesTheAlps()
    {
        string alps = Repository.PathOf("samples", "alps.jpg"), onnx = _models.PathOf("small.onnx");
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "models"), "resnet18-mlnet.*"))
            File.Copy(file, _models.PathOf(Path.GetFileName(file)));

        var made = await RunAsync("models", "convert", ModelStore.Bundled, "--float16", "-o", onnx);
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Equal(onnx, made.Output.Trim());
        Assert.Null(Manifest.Parse(await File.ReadAllBytesAsync(_models.PathOf("small.json"), Cancelled)).Float16!.Top1Agreement);

        JsonElement of = await AskAsync(ModelStore.Bundled), half = await AskAsync("small");
        Assert.Equal("bundled", half.GetProperty("model").GetProperty("weights").GetString());
        Assert.NotEqual(of.GetProperty("model").GetProperty("sha256").GetString(), half.GetProperty("model").GetProperty("sha256").GetString());
        Assert.Equal(Predictions(of).Select(p => p.Label), Predictions(half).Select(p => p.Label));
        Assert.All(Predictions(of).Zip(Predictions(half)), pair => Assert.Equal(pair.First.Confidence, pair.Second.Confidence, 0.005));

        async Task<JsonElement> AskAsync(string model) =>
            JsonElement.Parse((await RunAsync("classify", alps, "--top", "5", "--model", model, "--json")).Output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Convert_AFile_WritesTheGraphAlone(bool isGraph)
    {
        string weights = _models.PathOf(isGraph ? "mine.onnx" : "mine.safetensors"), onnx = _models.PathOf("out/half.onnx");
        if (isGraph)
            OnnxFile.Write(Architecture.Build(Network, Architecture.Seeded(Network)), weights, new Dictionary<string, string>());
        else
            await File.WriteAllBytesAsync(weights, SafetensorsFile.Of(Architecture.Seeded(Network)), Cancelled);

        var made = await RunAsync(["models", "convert", weights, "--float16", "-o", onnx, .. isGraph ? Array.Empty<string>() : ["--arch", Network]]);

        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Equal("float16", GraphCost.Numbers(OnnxFile.Read(onnx)));
        Assert.DoesNotContain(Directory.GetFiles(_models.PathOf("out")), file => file.EndsWith(".json", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("There is no file nothing.pth.", "nothing.pth", "--arch", Network, "-o", "x.onnx")]
    [InlineData("There is no model 'nothing'.", "nothing", "--float16")]
    [InlineData("--arch NAME is needed: the network that the weights are of.", "WEIGHTS", "-o", "x.onnx")]
    [InlineData("-o FILE.onnx is needed: the file to write.", "WEIGHTS", "--arch", Network)]
    [InlineData("--photos compares a model of the models folder; give its name instead of a file.", "WEIGHTS", "--arch", Network, "-o", "x.onnx", "--float16", "--photos", ".")]
    [InlineData("--arch is for a .pth or .safetensors file.", "tiny", "--float16", "--arch", Network)]
    [InlineData("x.json must end in .onnx: the manifest beside it ends in .json.", "tiny", "--float16", "-o", "x.json")]
    [InlineData("The graph is float16, and not float32.", "half", "--float16")]
    public async Task Convert_WhatCannotBe_IsTold(string says, params string[] arguments)
    {
        _models.AddTiny("tiny");
        var half = Architecture.Build(Network, Architecture.Seeded(Network));
        ResNetFunctions.ModelTools.Quantization.Float16Graph.Convert(half);
        OnnxFile.Write(half, _models.PathOf("half.onnx"), new Dictionary<string, string>());
        _models.Add("half", "half.onnx");
        string weights = _models.PathOf("mine.safetensors");
        await File.WriteAllBytesAsync(weights, SafetensorsFile.Of(Architecture.Seeded(Network)), Cancelled);

        var made = await RunAsync(["models", "convert", .. arguments.Select(argument => argument == "WEIGHTS" ? weights : argument)]);

        Assert.Equal(1, made.ExitCode);
        Assert.Contains(says, made.Error, StringComparison.Ordinal);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static (string Label, double Confidence)[] Predictions(JsonElement answer) =>
        [.. answer.GetProperty("predictions").EnumerateArray().Select(p => (p.GetProperty("label").GetString()!, p.GetProperty("confidence").GetDouble()))];

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        ResNet.RunAsync(arguments, ("ResNet__ModelsPath", _models.Path), ("ResNet__CachePath", _models.PathOf("cache")), ("ResNet__DefaultModel", "mine"));
}
