using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Adding;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;
using ResNetFunctions.Tests.Cli;
using ResNetFunctions.Tests.Imaging.Preprocessing;
using ResNetFunctions.Tests.Inference.Models;
using ResNetFunctions.Tests.ModelTools.Weights;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using ElementType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.Tests.ModelTools.Adding;

/// <summary>From each form of weights, labels and export to an answer over HTTP, equal to that of PyTorch, torchvision and
/// Pillow (tests/reference/make_added.py).</summary>
public sealed class AddedModelTests : IDisposable
{
    private const string Labels5 = "eins\nzwei\ndrei\nvier\nfünf\n", Colours = "rot\ngrün\nblau\n";

    private static readonly WeightTensor[] ResNet18 = WithFiveClasses();

    private readonly ModelsFolder _models = new();

    public static TheoryData<string> WeightForms => [.. Weights.Keys];

    public static TheoryData<string> OnnxForms => [.. Graphs.Keys];

    // The file's name, its bytes.
    private static readonly Dictionary<string, (string File, Func<byte[]> Bytes)> Weights = new()
    {
        ["safetensors"] = ("mine.safetensors", () => SafetensorsFile.Of(new StateDict(ResNet18))),
        ["pth"] = ("mine.pth", () => TorchFile.Of(ResNet18)),
        ["pt inside model"] = ("mine.pt", () => TorchFile.Of(ResNet18, "model")),
        ["net of DataParallel"] = ("mine.pth", () => TorchFile.Of(Named(name => "module." + name), "net")),
        ["Lightning checkpoint"] = ("mine.ckpt", () => TorchFile.Of(Named(name => "model." + name), "state_dict", lightning: true)),
        ["backbone and classifier"] = ("mine.pth", () => TorchFile.Of(Named(
            name => name.StartsWith("fc.", StringComparison.Ordinal) ? "classifier" + name[2..] : "backbone." + name))),
        ["two wrappers' prefixes"] = ("mine.pth", () => TorchFile.Of(Named(name => "model.backbone." + name), "state_dict")),
        ["last layer in a Sequential"] = ("mine.pth", () => TorchFile.Of(Named(name => name.Replace("fc.", "fc.1.", StringComparison.Ordinal)))),
        ["children in a Sequential"] = ("mine.pth", () => TorchFile.Of(Named(AsChild))),
        ["with a loss's weights"] = ("mine.pth", () => TorchFile.Of(
            [.. Named(name => "model." + name), new WeightTensor("criterion.weight", [5], () => new float[5])])),
    };

    // The reference's name; the graph or zip; the labels file, if any; the user's options.
    private static readonly Dictionary<string, (string Reference, Func<byte[]> Bytes, string? Labels, ModelHints Hints)> Graphs = new()
    {
        ["PyTorch"] = ("tiny-torchvision", new ExportedGraph { Producer = "pytorch", Last = null }.ToBytes, Colours, new()),
        ["PyTorch, labels as JSON"] = ("tiny-torchvision", new ExportedGraph { Producer = "pytorch", Last = null }.ToBytes, """["rot", "grün", "blau"]""", new()),
        ["Custom Vision"] = ("tiny-customvision", () => Zip(new ExportedGraph(), Colours), null, new()),
        ["Custom Vision, classLabel and loss"] = (
            "tiny-customvision", () => Zip(new ExportedGraph { ZipMap = ["rot", "grün", "blau"] }, "blau\ngrün\nrot\n"), null, new()),
        ["Custom Vision, BGR to 255"] = ("tiny-pixels", () => Zip(
            new ExportedGraph
            {
                Scale = 1 / 64f,
                Metadata = new() { ["Image.BitmapPixelFormat"] = "Bgr8", ["Image.NominalPixelRange"] = "NominalRange_0_255" },
            }, "blau\ngrün\nrot\n"), null, new()),
        ["Custom Vision, several tags"] = ("tiny-sigmoid", () => Zip(new ExportedGraph { Last = "Sigmoid" }, Colours), null, new()),
        ["Teachable Machine"] = ("tiny-teachable", Teachable.ToBytes, "0 rot\n1 grün\n2 blau\n", new()),
        ["Teachable Machine, metadata.json"] = ("tiny-teachable", Teachable.ToBytes, """{"0": "rot", "1": "grün", "2": "blau"}""", new()),
        ["uint8"] = ("tiny-pixels", new ExportedGraph { InputType = ElementType.Uint8, Scale = 1 / 64f }.ToBytes, Colours,
            new(Channels: ChannelOrder.Rgb)),
        ["uint8, NHWC, BGR"] = (
            "tiny-pixels", new ExportedGraph { InputType = ElementType.Uint8, InputShape = [1, 8, 8, 3], Scale = 1 / 64f }.ToBytes,
            "blau\ngrün\nrot\n", new(Channels: ChannelOrder.Bgr)),
        ["two outputs"] = ("tiny-customvision", new ExportedGraph { Features = true }.ToBytes, Colours,
            new(Output: "probabilities", Input: "customvision")),
        ["an input by its name"] = ("tiny-teachable", new ExportedGraph().ToBytes, Colours, new(Input: "teachable-machine")),
        ["tab-separated labels"] = ("tiny-torchvision", new ExportedGraph { Producer = "pytorch", Last = null }.ToBytes,
            "0\tr\trot\n1\tg\tgrün\n2\tb\tblau\n", new()),
    };

    private static ExportedGraph Teachable => new() { Producer = "tf2onnx", Input = "sequential_1_input", InputShape = [0, 8, 8, 3] };

    [Theory]
    [MemberData(nameof(WeightForms))]
    public async Task Add_Weights_AnswersAsPyTorch(string form)
    {
        string file = Write(Weights[form].File, Weights[form].Bytes());

        IReadOnlyList<string> findings = Add(file, Write("labels.txt", Labels5), new());

        Assert.StartsWith("weights of resnet18, 5 classes", findings[0], StringComparison.Ordinal);
        await AssertAnswerAsync("torchvision", ["eins", "zwei", "drei", "vier", "fünf"], 1e-4);
    }

    // relu(z) - relu(-z) is z again: two layers that answer as the one of the reference.
    [Theory]
    [InlineData("fc.0", "fc.3", true)]
    [InlineData("fc.9", "fc.12", false)]
    [InlineData("hidden", "answer", true)]
    public async Task Add_HeadOfTwoLayers_AnswersAsPyTorch(string first, string second, bool bias)
    {
        float[] weight = ResNet18.Single(t => t.Name == "fc.weight").Read(), offset = ResNet18.Single(t => t.Name == "fc.bias").Read();
        float[] difference = [.. Enumerable.Range(0, 50).Select(i => (i % 10) - (i / 10) == 0 ? 1f : (i % 10) - (i / 10) == 5 ? -1f : 0f)];
        WeightTensor[] tensors =
        [
            .. ResNet18.Where(t => !t.Name.StartsWith("fc.", StringComparison.Ordinal)),
            new WeightTensor($"{first}.weight", [10, 512], () => [.. weight, .. weight.Select(w => -w)]),
            new WeightTensor($"{first}.bias", [10], () => [.. offset, .. offset.Select(b => -b)]),
            new WeightTensor($"{second}.weight", [5, 10], () => difference),
            .. bias ? (WeightTensor[])[new WeightTensor($"{second}.bias", [5], () => new float[5])] : [],
        ];
        string file = Write("mine.pth", TorchFile.Of(tensors)), labels = Write("labels.txt", Labels5);

        IReadOnlyList<string> findings = Add(file, labels, new(Activation: "relu"));

        Assert.EndsWith($"its head is {first}, {second}, with relu between them as --activation says", findings[0], StringComparison.Ordinal);
        await AssertAnswerAsync("torchvision", ["eins", "zwei", "drei", "vier", "fünf"], 1e-4);
    }

    [Theory]
    [InlineData("model.safetensors", """{"model_type": "resnet", "hidden_act": "relu", "id2label": {"0": "eins", "1": "zwei", "2": "drei", "3": "vier", "4": "fünf"}}""",
        """{"crop_pct": 0.875, "do_normalize": true, "do_resize": true, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "resample": 3, "size": {"shortest_edge": 224}}""")]
    [InlineData("pytorch_model.bin", """{"model_type": "resnet", "id2label": {"0": "eins", "1": "zwei", "2": "drei", "3": "vier", "4": "fünf"}}""",
        """{"do_center_crop": true, "crop_size": {"height": 224, "width": 224}, "resample": 3, "size": {"shortest_edge": 256}}""")]
    [InlineData("model.safetensors", """{"architecture": "resnet18", "label_names": ["eins", "zwei", "drei", "vier", "fünf"], "pretrained_cfg": {"input_size": [3, 224, 224], "crop_pct": 0.875, "interpolation": "bicubic", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}""",
        null)]
    public async Task Add_HuggingFaceFolder_AnswersAsPyTorch(string weights, string config, string? preprocessor)
    {
        string folder = Directory.CreateDirectory(_models.PathOf("brought")).FullName;
        WeightTensor[] tensors = preprocessor is null ? ResNet18 : Named(AsHuggingFace);
        await File.WriteAllBytesAsync(
            Path.Combine(folder, weights), weights.EndsWith(".bin", StringComparison.Ordinal) ? TorchFile.Of(tensors) : SafetensorsFile.Of(new StateDict(tensors)),
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), config, TestContext.Current.CancellationToken);
        if (preprocessor is not null)
            await File.WriteAllTextAsync(Path.Combine(folder, "preprocessor_config.json"), preprocessor, TestContext.Current.CancellationToken);

        Add(folder, null, new());

        await AssertAnswerAsync("huggingface", ["eins", "zwei", "drei", "vier", "fünf"], 1e-4);
    }

    // torchvision's names are compared with PyTorch in FormulaParityTests.
    [Theory]
    [InlineData("mobilenet_v2", false, "")]
    [InlineData("mobilenet_v3_small", true, "model.")]
    [InlineData("mobilenet_v3_large", true, "")]
    [InlineData("efficientnet_b0", true, "")]
    public async Task Add_TimmWeights_AnswersAsTorchvisionsNames(string architecture, bool hasTensorFlowVariant, string prefix)
    {
        (WeightTensor[] torchvision, WeightTensor[] timm) = TimmWeights.Of(architecture, 5);
        string labels = Write("labels.txt", Labels5);
        Add(Write("theirs.safetensors", SafetensorsFile.Of(new StateDict(torchvision))), labels, new(), "theirs");

        IReadOnlyList<string> findings = Add(
            Write("mine.pth", TorchFile.Of([.. timm.Select(tensor => tensor.Named(prefix + tensor.Name))])), labels,
            new(Architecture: hasTensorFlowVariant ? architecture : null));

        Assert.StartsWith($"weights of {architecture}, 5 classes", findings[0], StringComparison.Ordinal);
        await AssertSameAnswersAsync();
    }

    // config.json tells the one of the two with the same tensors.
    [Fact]
    public async Task Add_TimmFolder_AnswersAsItsConfigSays()
    {
        (WeightTensor[] torchvision, WeightTensor[] timm) = TimmWeights.Of("efficientnet_b0", 5);
        Write("model.safetensors", SafetensorsFile.Of(new StateDict(timm)));
        string config = Write("config.json", """
            {"architecture": "efficientnet_b0", "label_names": ["eins", "zwei", "drei", "vier", "fünf"],
             "pretrained_cfg": {"input_size": [3, 224, 224], "crop_pct": 1.0, "crop_mode": "squash", "interpolation": "bilinear", "mean": [0, 0, 0], "std": [1, 1, 1]}}
            """);
        string theirs = Path.Combine(Directory.CreateDirectory(_models.PathOf("torchvision")).FullName, "theirs.safetensors");
        await File.WriteAllBytesAsync(theirs, SafetensorsFile.Of(new StateDict(torchvision)), TestContext.Current.CancellationToken);
        Add(theirs, Write("labels.txt", Labels5), new(Input: "customvision"), "theirs");

        Add(Path.GetDirectoryName(config)!, null, new());

        await AssertSameAnswersAsync();
    }

    [Theory]
    [MemberData(nameof(OnnxForms))]
    public async Task Add_OnnxGraph_AnswersAsPillowAndTheGraph(string form)
    {
        (string reference, Func<byte[]> bytes, string? labels, ModelHints hints) = Graphs[form];
        byte[] content = bytes();
        string file = Write(content[0] == 'P' ? "mine.zip" : "mine-export.onnx", content);

        Add(file, labels is null ? null : Write("labels", labels), hints);

        await AssertAnswerAsync(reference, ["rot", "grün", "blau"], 1e-5);
    }

    [Fact]
    public async Task Add_FolderOfAnExport_TakesItsLabels()
    {
        string folder = Directory.CreateDirectory(_models.PathOf("brought")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), new ExportedGraph().ToBytes(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "labels.txt"), Colours, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "cvexport.manifest"), "{}", TestContext.Current.CancellationToken);

        Add(folder, null, new());

        await AssertAnswerAsync("tiny-customvision", ["rot", "grün", "blau"], 1e-5);
    }

    public void Dispose() => _models.Dispose();

    private IReadOnlyList<string> Add(string weights, string? labels, ModelHints hints, string name = "mine")
    {
        var store = new ModelStore(_models.Options("mine"));
        (Manifest manifest, _, IReadOnlyList<string> findings) =
            new ModelAdder(store).Add(name, weights, labels, hints, TestContext.Current.CancellationToken);
        Assert.Equal(name, manifest.Name);
        Assert.DoesNotContain(Directory.GetFiles(_models.Path, "*", SearchOption.AllDirectories), file => file.EndsWith(".part", StringComparison.Ordinal));
        return findings;
    }

    private async Task AssertAnswerAsync(string reference, string[] labels, double tolerance)
    {
        using JsonDocument golden = JsonDocument.Parse(typeof(AddedModelTests).Assembly.GetManifestResourceStream("added.golden.json")!);
        double[] expected = [.. golden.RootElement.GetProperty(reference).EnumerateArray().Select(static p => p.GetDouble())];
        await using Server server = await StartAsync();

        Dictionary<string, double> actual = await AskAsync(server, "mine");

        Assert.Equal(labels.Length, actual.Count);
        foreach ((string label, double probability) in labels.Zip(expected))
            Assert.Equal(probability, actual[label], tolerance);
    }

    private async Task AssertSameAnswersAsync()
    {
        await using Server server = await StartAsync();

        Dictionary<string, double> mine = await AskAsync(server, "mine"), theirs = await AskAsync(server, "theirs");

        Assert.Equal(theirs.Keys, mine.Keys);
        Assert.InRange(theirs.Values.Max(), 0.21, 0.99); // Classes that are all alike would prove nothing.
        foreach ((string label, double probability) in theirs)
            Assert.Equal(probability, mine[label], 1e-5);
    }

    private Task<Server> StartAsync() =>
        Server.StartAsync(options => (options.ModelsPath, options.DefaultModel, options.CachePath) = (_models.Path, "mine", ""));

    private static async Task<Dictionary<string, double>> AskAsync(Server server, string model)
    {
        using HttpResponseMessage response = await server.Client.PostAsync(
            $"/api/classify?top=10&model={model}", new ByteArrayContent(Picture(301, 220)), TestContext.Current.CancellationToken);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, answer.GetRawText());
        Assert.Equal("user", answer.GetProperty("model").GetProperty("weights").GetString());
        return answer.GetProperty("predictions").EnumerateArray()
            .ToDictionary(p => p.GetProperty("label").GetString()!, p => p.GetProperty("confidence").GetDouble());
    }

    private string Write(string file, byte[] bytes)
    {
        string path = Path.Combine(Directory.CreateDirectory(_models.PathOf("brought")).FullName, file);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private string Write(string file, string text) => Write(file, System.Text.Encoding.UTF8.GetBytes(text));

    private static WeightTensor[] WithFiveClasses() =>
    [
        .. Architecture.Seeded("resnet18").Values.Where(static t => !t.Name.StartsWith("fc.", StringComparison.Ordinal)),
        SeededTensor.Make("fc.weight", [5, 512], gain: 1, seed: 0), SeededTensor.Make("fc.bias", [5], gain: 1, seed: 0),
    ];

    private static WeightTensor[] Named(Func<string, string> rename) => [.. ResNet18.Select(tensor => tensor.Named(rename(tensor.Name)))];

    private static string AsChild(string name)
    {
        string[] children = ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"];
        string[] parts = name.Split('.', 2);
        return parts[0] == "fc" ? "head." + parts[1] : $"features.{Array.IndexOf(children, parts[0])}.{parts[1]}";
    }

    private static string AsHuggingFace(string name)
    {
        string[] p = name.Split('.');
        string Kind(string module) => module.StartsWith("conv", StringComparison.Ordinal) ? "convolution" : "normalization";
        return p switch
        {
            ["fc", var last] => $"classifier.1.{last}",
            ["conv1" or "bn1", var last] => $"resnet.embedder.embedder.{Kind(p[0])}.{last}",
            [var layer, var block, "downsample", var part, var last] =>
                $"resnet.encoder.stages.{layer[^1] - '1'}.layers.{block}.shortcut.{(part == "0" ? "convolution" : "normalization")}.{last}",
            [var layer, var block, var module, var last] =>
                $"resnet.encoder.stages.{layer[^1] - '1'}.layers.{block}.layer.{module[^1] - '1'}.{Kind(module)}.{last}",
            _ => name,
        };
    }

    private static byte[] Zip(ExportedGraph graph, string labels)
    {
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in ((string, byte[])[])
                [("model.onnx", graph.ToBytes()), ("labels.txt", System.Text.Encoding.UTF8.GetBytes(labels)), ("cvexport.manifest", "{}"u8.ToArray())])
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }
        return file.ToArray();
    }

    // The twin of `picture` in make_added.py, as a PNG.
    private static byte[] Picture(int width, int height)
    {
        using PixelBuffer noise = PillowGoldenTests.Picture(width, height);
        using var image = new Image<Rgb24>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<byte> pixel = noise.Row(y).Slice(x * PixelBuffer.BytesPerPixel, 3);
                image[x, y] = new Rgb24(pixel[0], (byte)(pixel[1] >> 1), (byte)(pixel[2] >> 2));
            }
        }
        using var file = new MemoryStream();
        image.SaveAsPng(file);
        return file.ToArray();
    }
}
