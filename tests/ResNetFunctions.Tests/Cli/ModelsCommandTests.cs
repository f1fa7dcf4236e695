using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;
using ResNetFunctions.Tests.ModelTools.Weights;

namespace ResNetFunctions.Tests.Cli;

public sealed class ModelsCommandTests : IDisposable
{
    private const string Network = "squeezenet1_1";

    private static readonly byte[] Weights = SafetensorsFile.Of(Architecture.Seeded(Network));

    private readonly ModelsFolder _models = new();

    public void Dispose() => _models.Dispose();

    [Fact]
    public async Task Pull_OverHttps_ChecksConvertsAndAnswersAsOfficial()
    {
        await using WeightSite site = await WeightSite.StartAsync(Weights);
        string trusted = _models.PathOf("site.pem");
        await File.WriteAllTextAsync(trusted, site.CertificatePem, TestContext.Current.CancellationToken);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(Weights));
        _models.Add("mine", "mine.safetensors", null, new JsonObject
        {
            ["architecture"] = Network,
            ["weights"] = new JsonObject
            {
                ["urls"] = new JsonArray(site.Url("cut", "mine.safetensors"), site.Url("whole", "mine.safetensors")),
                ["bytes"] = Weights.Length,
                ["sha256"] = sha256,
            },
        });

        var pulled = await RunAsync(["models", "pull", "mine"], ("SSL_CERT_FILE", trusted));
        Assert.True(pulled.ExitCode == 0, pulled.Error);
        Assert.Equal(_models.PathOf("mine.onnx"), pulled.Output.Trim());
        Assert.Empty(Directory.GetFiles(_models.Path, "*.part"));

        var again = await RunAsync(["models", "pull", "mine"]);
        Assert.Equal((0, "mine is there already: nothing was downloaded."), (again.ExitCode, again.Error.Trim()));
        Assert.Equal(2, site.Asked.Count);

        await File.WriteAllBytesAsync(_models.PathOf("a.jpg"), TestImages.Jpeg, TestContext.Current.CancellationToken);
        var classified = await RunAsync(["classify", _models.PathOf("a.jpg"), "--model", "mine", "--json"]);
        JsonElement model = JsonElement.Parse(classified.Output).GetProperty("model");
        Assert.Equal(("official", sha256), (model.GetProperty("weights").GetString(), model.GetProperty("sha256").GetString()));
    }

    [Fact]
    public async Task Pull_WhereOnlyTheUsersOwnWeightsAre_ConvertsThem()
    {
        _models.Add("mine", "mine.safetensors", Weights, new JsonObject { ["architecture"] = Network });

        var pulled = await RunAsync(["models", "pull", "mine"]);

        Assert.Equal((0, _models.PathOf("mine.onnx")), (pulled.ExitCode, pulled.Output.Trim()));
        Assert.Contains("there already", pulled.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_WhereOnlyAnOnnxFileIs_LeavesItAsItIs()
    {
        _models.AddTiny("mine");
        byte[] before = await File.ReadAllBytesAsync(_models.PathOf("mine.onnx"), TestContext.Current.CancellationToken);

        var pulled = await RunAsync(["models", "pull", "mine"]);

        Assert.Equal((0, _models.PathOf("mine.onnx")), (pulled.ExitCode, pulled.Output.Trim()));
        Assert.Equal("mine is there already: nothing was downloaded.", pulled.Error.Trim());
        Assert.Equal(before, await File.ReadAllBytesAsync(_models.PathOf("mine.onnx"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Pull_WithoutAnAddressOrAFile_SaysWhereToPutTheFile()
    {
        _models.AddTiny("mine");
        File.Delete(_models.PathOf("mine.onnx"));

        var pulled = await RunAsync(["models", "pull", "mine"]);

        Assert.Equal(1, pulled.ExitCode);
        Assert.Equal(
            "resnet: The weights of mine are not here: put mine.onnx into the models folder.",
            pulled.Error.Trim());
        Assert.Empty(pulled.Output);
        Assert.Equal(["imagenet-1k.tsv", "mine.json", "mine.tsv"], Directory.GetFiles(_models.Path).Select(Path.GetFileName).Order());

        await File.WriteAllBytesAsync(_models.PathOf("mine.onnx"), new TinyModel().ToBytes(), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_models.PathOf("a.jpg"), TestImages.Jpeg, TestContext.Current.CancellationToken);
        var classified = await RunAsync(["classify", _models.PathOf("a.jpg"), "--model", "mine", "--json"]);

        Assert.Equal(0, classified.ExitCode);
        Assert.Equal("user", JsonElement.Parse(classified.Output).GetProperty("model").GetProperty("weights").GetString());
    }

    [Fact]
    public async Task Convert_Safetensors_GivesTheSameGraph()
    {
        string weights = _models.PathOf("mine.safetensors"), onnx = _models.PathOf("out.onnx");
        await File.WriteAllBytesAsync(weights, Weights, TestContext.Current.CancellationToken);

        var converted = await RunAsync(["models", "convert", weights, "--arch", Network, "-o", onnx]);

        Assert.Equal((0, onnx), (converted.ExitCode, converted.Output.Trim()));
        Assert.Equal(Architecture.Build(Network, Architecture.Seeded(Network)).Graph, OnnxFile.Read(onnx).Graph);
    }

    [Fact]
    public async Task Convert_WeightsOfAnotherNetwork_SaysWhoseTheyAre()
    {
        string weights = _models.PathOf("mine.safetensors");
        await File.WriteAllBytesAsync(weights, Weights, TestContext.Current.CancellationToken);

        var converted = await RunAsync(["models", "convert", weights, "--arch", "resnet18", "-o", _models.PathOf("out.onnx")]);

        Assert.Equal(1, converted.ExitCode);
        Assert.EndsWith($" They are {Network}'s.", converted.Error.Trim(), StringComparison.Ordinal);
        Assert.False(File.Exists(_models.PathOf("out.onnx")));
    }

    [Fact]
    public async Task List_EachManifest_SaysWhetherItsWeightsAreThere()
    {
        _models.AddTiny("here").Add("missing", "missing.onnx");

        var list = await RunAsync(["models", "list"]);

        Assert.Matches("here +here", list.Output);
        Assert.Matches("missing +missing", list.Output);
    }

    // With its own cache: a "mine" of another test would be found.
    private Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, params (string, string)[] settings) =>
        ResNet.RunAsync(arguments, [("ResNet__ModelsPath", _models.Path), ("ResNet__CachePath", _models.PathOf("cache")), ("ResNet__DefaultModel", "mine"), .. settings]);
}
