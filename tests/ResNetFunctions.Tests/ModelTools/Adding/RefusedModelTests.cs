using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Adding;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;
using ResNetFunctions.Tests.Inference.Models;
using ResNetFunctions.Tests.ModelTools.Weights;
using ElementType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.Tests.ModelTools.Adding;

/// <summary>Models that are refused, and the messages.</summary>
public sealed class RefusedModelTests : IDisposable
{
    private static readonly WeightTensor[] SqueezeNet = [.. Architecture.Seeded("squeezenet1_1").Values];

    private static readonly Dictionary<string, (string File, Func<byte[]> Bytes, string Message)> Files = new()
    {
        ["empty"] = ("a.pth", () => [], "a.pth is empty: export or download it again."),
        ["nonsense"] = ("a.onnx", () => Encoding.ASCII.GetBytes("no graph at all, just words"), "The file is damaged or no ONNX graph: export or download it again."),
        ["TorchScript"] = ("a.pt", () => PickleBuilder.Zip(new PickleBuilder().Op('}').Stop(), records: ("constants.pkl", [])),
            "a.pt: The file is a TorchScript program. Save its weights instead: torch.save(model.state_dict(), file)."),
        ["a whole module"] = ("a.pt", () => PickleBuilder.Zip(new PickleBuilder().Global("torchvision.models.resnet", "ResNet").Stop()),
            "a.pt: The pickle names torchvision.models.resnet.ResNet, which weights do not need and this reader never runs. Save the weights alone: torch.save(model.state_dict(), file)."),
        ["TensorFlow Lite"] = ("a.tflite", () => [28, 0, 0, 0, .. "TFL3"u8, .. new byte[20]],
            "a.tflite is a TensorFlow Lite model. Convert it: python -m tf2onnx.convert --tflite a.tflite --output model.onnx"),
        ["Keras HDF5"] = ("a.h5", () => [0x89, .. "HDF\r\n\u001a\n"u8, .. new byte[20]], "a.h5 is a Keras model. Convert it: model.export(\"saved\"), then python -m tf2onnx.convert --saved-model saved --output model.onnx"),
        ["Core ML"] = ("a.mlmodel", () => [8, 1, .. new byte[20]], "a.mlmodel is a Core ML model. Export it as ONNX, from the program that made it."),
        ["TensorFlow graph"] = ("a.pb", () => [10, 1, .. new byte[20]], "a.pb is a TensorFlow graph. Convert it: python -m tf2onnx.convert --graphdef FILE --output model.onnx --inputs … --outputs …"),
        ["ORT format"] = ("a.ort", () => [28, 0, 0, 0, .. "ORTM"u8, .. new byte[20]], "a.ort is an .ort file, which ONNX Runtime made for one kind of processor. Bring the .onnx that it was made of."),
        ["TensorRT"] = ("a.engine", () => [1], "a.engine is a TensorRT engine, made for one graphics card. Export it as ONNX, from what it was made of."),
        ["ncnn"] = ("a.param", () => [1], "a.param is an ncnn model. Export it as ONNX, from the program that made it."),
        ["TensorFlow.js"] = ("model.json", () => Encoding.ASCII.GetBytes("""{"format": "layers-model"}"""), "model.json is JSON, without weights. If it is a TensorFlow.js model, convert it with its folder: python -m tf2onnx.convert --tfjs model.json --output model.onnx"),
        ["zip of a Core ML model"] = ("a.zip", () => Zip(("model.mlmodel", new byte[3])), "a.zip is a Core ML model. Export it as ONNX: in Custom Vision, Export, then ONNX; else from the program that made it."),
        ["zip of a TensorFlow model"] = ("a.zip", () => Zip(("saved_model.pb", new byte[3])), "a.zip is a TensorFlow model. Export it as ONNX: in Custom Vision, Export, then ONNX; else unpack it and convert it, python -m tf2onnx.convert."),
        ["zip of a TensorFlow Lite model"] = ("a.zip", () => Zip(("model.tflite", new byte[3])), "a.zip is a TensorFlow Lite model. Export it as ONNX: in Custom Vision, Export, then ONNX; else unpack it and convert it, python -m tf2onnx.convert."),
        ["zip of a Keras model"] = ("a.keras", () => Zip(("model.weights.h5", new byte[3])), "a.keras is a Keras model. Export it as ONNX: in Custom Vision, Export, then ONNX; else unpack it and convert it, python -m tf2onnx.convert."),
        ["zip of a TensorFlow.js model"] = ("a.zip", () => Zip(("model.json", new byte[3])), "a.zip is a TensorFlow.js model. Export it as ONNX: in Custom Vision, Export, then ONNX; else unpack it and convert it, python -m tf2onnx.convert."),
        ["zip of nothing"] = ("a.zip", () => Zip(("readme.txt", new byte[3])), "a.zip is a zip archive without an .onnx file. Unpack it and name the model's file."),
        ["damaged zip"] = ("a.zip", () => [.. "PK"u8, 3, 4, 5], "a.zip is damaged: export or download it again."),
        ["a detector"] = ("a.onnx", new ExportedGraph { Producer = "pytorch", Last = null, OutputShape = [0, 3, 8, 8] }.ToBytes,
            "The output boxes is [N, 3, N, N]: boxes, masks or features, and not one number for each class. Bring a classifier: detectors are not supported."),
        ["one channel"] = ("a.onnx", new ExportedGraph { Producer = "pytorch", InputShape = [1, 1, 8, 8] }.ToBytes,
            "The input data is [1, 1, 8, 8], and not a square picture of three colours. Export the network with [N, 3, side, side] or [N, side, side, 3]."),
        ["no square"] = ("a.onnx", new ExportedGraph { Producer = "pytorch", InputShape = [1, 3, 8, 9] }.ToBytes, "The input data is [1, 3, 8, 9], and not a square picture of three colours. Export the network with [N, 3, side, side] or [N, side, side, 3]."),
        ["another network"] = ("a.safetensors", () => SafetensorsFile.Of(new StateDict([new WeightTensor("blocks.0.attn.qkv.weight", [3, 2], () => new float[6])])),
            $"The weights are of none of the networks that are offered ({string.Join(", ", Architecture.Names)}). Their tensors begin with blocks.0.attn.qkv.weight. Export the network as ONNX instead: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\")."),
        ["no last layer"] = ("a.safetensors", () => SafetensorsFile.Of(new StateDict(SqueezeNet.Where(t => !t.Name.StartsWith("classifier.", StringComparison.Ordinal)))),
            "The weights are squeezenet1_1's, but without a last layer: they give features, and no classes. Save the whole network."),
        ["a head with a norm"] = ("a.safetensors", () => SafetensorsFile.Of(new StateDict(
            [.. WithTwoLayers("classifier.3"), new WeightTensor("classifier.1.weight", [16], () => new float[16])])),
            "The weights are mobilenet_v2's, with a head of several layers (classifier.0.weight, classifier.3.weight, classifier.1.weight). Weights alone do not describe it. Export the network as ONNX: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\")."),
        ["a head whose order is not known"] = ("a.safetensors", () => SafetensorsFile.Of(new StateDict(
            [.. WithTwoLayers("last"), new WeightTensor("classifier.2.weight", [16, 16], () => new float[256])])),
            "The weights are mobilenet_v2's, with a head of several layers (classifier.0.weight, classifier.2.weight, last.weight). Weights alone do not describe it. Export the network as ONNX: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\")."),
        ["a head of a convolution and a linear layer"] = ("a.safetensors", () => SafetensorsFile.Of(new StateDict(
            [.. SqueezeNet.Where(t => t.Name != "classifier.1.bias"), new WeightTensor("classifier.4.weight", [5, 1000], () => new float[5000])])),
            "The weights are squeezenet1_1's, with a head of several layers (classifier.1.weight, classifier.4.weight). Weights alone do not describe it. Export the network as ONNX: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\")."),
    };

    // The options are those that the message names.
    private static readonly Dictionary<string, (string File, Func<byte[]> Bytes, string Message, string Labels, ModelHints Hints)> Open = new()
    {
        ["two outputs"] = ("a.onnx", new ExportedGraph { Producer = "pytorch", Features = true }.ToBytes,
            "The graph has 2 outputs (scores, probabilities). Say which has the scores: --output NAME.", "r\ng\nb\n", new(Output: "probabilities")),
        ["uint8 of unknown order"] = ("a.onnx", new ExportedGraph { InputType = ElementType.Uint8 }.ToBytes,
            "The graph takes uint8 pixels and does not say in which order the colours are. Say --channels rgb or --channels bgr.", "r\ng\nb\n", new(Channels: ChannelOrder.Bgr)),
        ["an unknown input"] = ("a.onnx", new ExportedGraph { Producer = "tf2onnx" }.ToBytes,
            "The graph does not say what its input data holds. Say --input torchvision or customvision or teachable-machine or pixels, and --channels bgr if blue comes first.",
            "r\ng\nb\n", new(Input: "pixels")),
        ["no labels"] = ("a.onnx", new ExportedGraph { Producer = "pytorch" }.ToBytes,
            "The network has 3 classes without names. Give them with --labels FILE: a line for each class, in the network's order.", "r\ng\nb\n", new()),
        ["a head of two layers"] = ("a.safetensors", () => SafetensorsFile.Of(new StateDict(WithTwoLayers("classifier.3"))),
            "The weights are mobilenet_v2's, with a head of several layers (classifier.0.weight, classifier.3.weight). Say which activation is between them, --activation relu or relu6 or silu or hardswish or none, or export the network as ONNX: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\").",
            "1\n2\n3\n4\n5\n", new(Activation: "silu")),
        ["timm's or its TensorFlow variant"] = ("a.safetensors", () => SafetensorsFile.Of(new StateDict(TimmWeights.Of("efficientnet_b0", 3).Timm)),
            "The weights are those of timm's efficientnet_b0 or of its tf_efficientnet_b0, which has the same tensors and other padding. "
                + "If they are the first's, say --arch efficientnet_b0. Export the second as ONNX: torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\").",
            "r\ng\nb\n", new(Architecture: "efficientnet_b0")),
    };

    private static WeightTensor[] WithTwoLayers(string second) =>
    [
        .. Architecture.Seeded("mobilenet_v2").Values.Where(t => !t.Name.StartsWith("classifier.", StringComparison.Ordinal)),
        new WeightTensor("classifier.0.weight", [16, 1280], () => new float[16 * 1280]),
        new WeightTensor($"{second}.weight", [5, 16], () => new float[80]),
    ];

    private readonly ModelsFolder _models = new();

    public static TheoryData<string> Unsupported => [.. Files.Keys];

    public static TheoryData<string> Undecided => [.. Open.Keys];

    [Theory]
    [MemberData(nameof(Undecided))]
    public void Add_FileThatLeavesAQuestion_NamesTheOptionAndTakesItThen(string file)
    {
        (string name, Func<byte[]> bytes, string message, string labels, ModelHints hints) = Open[file];
        string path = Write(name, bytes());

        Assert.Equal(message, Refusal(path));

        Add(path, Write("labels.txt", Encoding.UTF8.GetBytes(labels)), hints, "mine");
        Assert.True(File.Exists(_models.PathOf("mine.onnx")));
    }

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void Add_UnsupportedFile_IsRefusedWithItsMessageAndWritesNothing(string file)
    {
        (string name, Func<byte[]> bytes, string message) = Files[file];

        Assert.Equal(message, Refusal(Write(name, bytes())));
        Assert.Equal(["imagenet-1k.tsv"], Directory.GetFiles(_models.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Add_LabelsOfAnotherNumber_SaysBoth() =>
        Assert.Equal("The network has 3 classes, and labels.txt has 2.", Refusal(
            Write("a.onnx", new ExportedGraph { Producer = "pytorch" }.ToBytes()), Write("labels.txt", "rot\ngrün\n"u8.ToArray())));

    [Fact]
    public void Add_ActivationWithoutASecondLayer_IsRefused() =>
        Assert.Equal("--activation is for a head of several layers, and this one has one, classifier.1: leave the option out.", Refusal(
            Write("a.safetensors", SafetensorsFile.Of(new StateDict(SqueezeNet))), hints: new ModelHints(Activation: "relu")));

    [Theory]
    [InlineData("--arch", "resnet18", null)]
    [InlineData("--activation", null, "relu")]
    public void Add_OptionForWeightsWithAGraph_IsRefused(string option, string? architecture, string? activation) =>
        Assert.Equal($"{option} is for weights, and this is an ONNX graph: leave the option out.", Refusal(
            Write("a.onnx", new ExportedGraph { Producer = "pytorch" }.ToBytes()), hints: new ModelHints(architecture, Activation: activation)));

    [Fact]
    public void Add_OutputWithWeights_IsRefused() =>
        Assert.Equal("--output is for an ONNX graph, and these are weights: leave the option out.", Refusal(
            Write("a.safetensors", SafetensorsFile.Of(new StateDict(SqueezeNet))), hints: new ModelHints(Output: "scores")));

    [Fact]
    public void Add_NameThatIsTaken_IsLeftAlone()
    {
        _models.AddTiny("mine");

        Assert.Equal(
            "There is a model mine already: choose another name, or take its files away first.",
            Refusal(Write("a.onnx", new ExportedGraph { Producer = "pytorch" }.ToBytes())));
    }

    [Fact]
    public void Add_NameThatLeavesTheFolder_IsRefused() =>
        Assert.StartsWith("A model's name has letters", Refusal("a.onnx", name: "../mine"), StringComparison.Ordinal);

    [Fact]
    public void Add_OutputThatIsNotThere_NamesThoseThatAre() =>
        Assert.Equal("The graph has no output best; it has scores, probabilities.", Refusal(
            Write("a.onnx", new ExportedGraph { Features = true }.ToBytes()), hints: new ModelHints(Output: "best")));

    [Fact]
    public void Add_ArchitectureThatTheWeightsAreNotOf_SaysWhose() =>
        Assert.EndsWith(" They are squeezenet1_1's.", Refusal(
            Write("a.safetensors", SafetensorsFile.Of(new StateDict(SqueezeNet))), hints: new ModelHints(Architecture: "resnet18")), StringComparison.Ordinal);

    [Theory]
    [InlineData("saved_model.pb", "", "brought is a TensorFlow model. Convert it: python -m tf2onnx.convert --saved-model brought --output model.onnx")]
    [InlineData("tf_model.h5", "", "brought has TensorFlow weights alone (tf_model.h5). Save them for PyTorch: AutoModelForImageClassification.from_pretrained(…, from_tf=True)")]
    [InlineData("config.json", """{"model_type": "vit"}""", "The model is a vit, whose weights are not converted here. Export it: optimum-cli export onnx")]
    [InlineData("config.json", """{"model_type": "resnet", "downsample_in_bottleneck": true}""", "The ResNet has its strides in other layers than torchvision's")]
    [InlineData("config.json", """{"model_type": "resnet", "hidden_act": "gelu"}""", "The ResNet's activation is gelu, and not relu.")]
    [InlineData("config.json", """{"architecture": "tf_efficientnet_b0"}""", "The model is timm's tf_efficientnet_b0, whose weights are not converted here. Export it as ONNX: torch.onnx.export(")]
    [InlineData("config.json", """{"architecture": "resnetblur50", "model_type": "timm_wrapper"}""", "The model is timm's resnetblur50, whose weights are not converted here.")]
    [InlineData("config.json", "[", "config.json is not well-formed")]
    [InlineData("readme.md", "", "The folder brought has no config.json, and 0 .onnx files: name one file.")]
    public void Add_FolderThatIsNone_SaysWhy(string file, string content, string sentence)
    {
        Write(file, Encoding.UTF8.GetBytes(content));
        if (file == "config.json")
            Write("model.safetensors", SafetensorsFile.Of(new StateDict([])));

        Assert.StartsWith(sentence, Refusal(_models.PathOf("brought")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("border", 1.0, "The crop_mode border with crop_pct 1 is not supported.")]
    [InlineData("squash", 0.9, "The crop_mode squash with crop_pct 0.9 is not supported.")]
    public void Add_TimmFolderWithAnotherCrop_SaysWhich(string mode, double share, string sentence)
    {
        Write("model.safetensors", SafetensorsFile.Of(new StateDict(Architecture.Seeded("resnet18").Values)));
        Write("config.json", JsonSerializer.SerializeToUtf8Bytes(new { architecture = "resnet18", pretrained_cfg = new { crop_mode = mode, crop_pct = share } }));

        Assert.Equal(sentence, Refusal(_models.PathOf("brought")));
    }

    public void Dispose() => _models.Dispose();

    private string Refusal(string weights, string? labels = null, ModelHints? hints = null, string name = "mine") =>
        Assert.Throws<InvalidModelException>(() => Add(weights, labels, hints ?? new ModelHints(), name)).Message;

    private void Add(string weights, string? labels, ModelHints hints, string name) =>
        new ModelAdder(new ModelStore(_models.Options("mine"))).Add(name, weights, labels, hints, TestContext.Current.CancellationToken);

    private string Write(string file, byte[] bytes)
    {
        string path = Path.Combine(Directory.CreateDirectory(_models.PathOf("brought")).FullName, file);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in entries)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }
        return file.ToArray();
    }
}
