using System.Text.Json.Nodes;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Tests.Inference.Models;
using ElementType = ResNetFunctions.ModelTools.Onnx.TensorProto.Types.DataType;

namespace ResNetFunctions.Tests.Inference.Sessions;

/// <summary>A user's ONNX classifier: accepted, or refused with the difference from its manifest.</summary>
public sealed class ModelContractTests
{
    private static readonly Dictionary<string, (TinyModel Model, Action<JsonObject> Manifest)> Fitting = new()
    {
        ["float32, NCHW, RGB, logits"] = (new(), _ => { }
        ),
        ["NHWC"] = (new() { Nhwc = true }, m => m["input"]!["layout"] = "nhwc"),
        ["BGR"] = (new(), m =>
        {
            m["input"]!["channels"] = "bgr";
            m["labels"] = "bgr.tsv";
        }
        ),
        ["float16"] = (new() { Type = ElementType.Float16 }, _ => { }
        ),
        ["float16, NHWC"] = (new() { Type = ElementType.Float16, Nhwc = true }, m => m["input"]!["layout"] = "nhwc"),
        ["probabilities"] = (new() { Probabilities = true }, m => m["output"] = "probabilities"),
        ["float16 probabilities [1, 3, 1, 1]"] = (
            new() { Type = ElementType.Float16, Probabilities = true, Output = [1, 3, 1, 1] }, m => m["output"] = "probabilities"),
        ["uint8 in"] = (new() { InputType = ElementType.Uint8 }, _ => { }
        ),
        ["uint8 in, NHWC"] = (new() { InputType = ElementType.Uint8, Nhwc = true }, m => m["input"]!["layout"] = "nhwc"),
        ["output by name"] = (new() { SecondOutput = true }, m => m["outputName"] = "scores"),
        ["fit with Lanczos"] = (new(), m =>
        {
            m["input"]!["framing"] = "fit";
            m["input"]!["interpolation"] = "lanczos";
        }
        ),
        ["free classes"] = (new() { Output = [0, 0] }, _ => { }
        ),
    };

    private static readonly Dictionary<string, (TinyModel Model, Action<JsonObject> Manifest, string Sentence)> Misfits = new()
    {
        ["crop"] = (new(), m => m["input"]!["crop"] = 6,
            "mine: the graph's input pixels is [1, 3, 8, 8], and the manifest's layout and crop make it [1, 3, 6, 6]."),
        ["layout"] = (new(), m => m["input"]!["layout"] = "nhwc",
            "mine: the graph's input pixels is [1, 3, 8, 8], and the manifest's layout and crop make it [1, 8, 8, 3]."),
        ["classes"] = (new(), m => m["labels"] = "imagenet-1k.tsv",
            "mine: the graph's output scores is [1, 3], and imagenet-1k.tsv has 1000 classes."),
        ["type"] = (new() { Type = ElementType.Uint8 }, _ => { }, "mine: scores is of type UInt8, and not float32 or float16."),
        ["uint8 and a mean"] = (new() { InputType = ElementType.Uint8 }, m => m["input"]!["mean"] = new JsonArray(1, 0, 0),
            "mine: pixels is of type UInt8, so input must be of range 255, mean 0 and std 1."),
        ["outputs"] = (new() { SecondOutput = true }, _ => { }, "mine: the graph has 2 outputs (noise, scores), and not one tensor."),
        ["no such output"] = (new(), m => m["outputName"] = "best", "mine: the graph has no output tensor best; it has scores."),
        ["inputs"] = (new() { SecondInput = true }, _ => { }, "mine: the graph has 2 inputs (pixels, scale), and not one tensor."),
        ["labels missing"] = (new(), m => m["labels"] = "none.tsv", "The labels file none.tsv is missing."),
        ["labels out of order"] = (new(), m => m["labels"] = "wrong.tsv",
            "wrong.tsv: after class 0 comes '2\tb\tblue', and not '1', a category and a label, separated by tabs."),
    };

    public static TheoryData<string> Fits => [.. Fitting.Keys];

    public static TheoryData<string> DoesNotFit => [.. Misfits.Keys];

    [Theory]
    [MemberData(nameof(Fits))]
    public async Task Classify_UsersModel_NamesTheColour(string model)
    {
        using ModelsFolder models = Folder(Fitting[model].Model, Fitting[model].Manifest);
        using var classifier = new Classifier(models.Options("mine"));

        foreach ((string colour, byte[] image) in ((string, byte[])[])
            [("red", TestImages.Plain(255, 0, 0)), ("green", TestImages.Plain(0, 255, 0)), ("blue", TestImages.Plain(0, 0, 255))])
        {
            Classification answer = await classifier.ClassifyAsync(image, top: 3, cancellationToken: TestContext.Current.CancellationToken);

            Assert.Equal(colour, answer.Predictions[0].Label);
            Assert.Equal(colour[..1], answer.Predictions[0].Category);
            Assert.Equal(3, answer.Predictions.Count);
            Assert.Equal(1, answer.Predictions.Sum(p => p.Confidence), 1e-3);
            Assert.Equal(("mine", "user"), (answer.Model.Name, answer.Model.Weights));
        }
    }

    // Of a picture that is red and, less so, green: the sigmoid of 255 is 1, of 64 too, of 0 a half.
    [Theory]
    [InlineData(0.5, "r 1, g 1, b 0.5")]
    [InlineData(0.51, "r 1, g 1")]
    public async Task Classify_MultiLabel_AnswersEveryClassFromItsThresholdOn(double threshold, string expected)
    {
        using ModelsFolder models = Folder(new TinyModel(), m =>
        {
            (m["output"], m["multiLabel"], m["threshold"]) = ("sigmoid", true, threshold);
        });
        using var classifier = new Classifier(models.Options("mine"));

        Classification answer = await classifier.ClassifyAsync(
            TestImages.Plain(255, 64, 0), top: 1, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(expected, string.Join(", ", answer.Predictions.Select(p => FormattableString.Invariant($"{p.Category} {p.Confidence}"))));
    }

    [Fact]
    public async Task Classify_MultiLabelOfNothing_HasNoPredictions()
    {
        using ModelsFolder models = Folder(new TinyModel(), m =>
        {
            (m["output"], m["multiLabel"], m["threshold"]) = ("probabilities", true, 1);
        });
        using var classifier = new Classifier(models.Options("mine"));

        Assert.Empty((await classifier.ClassifyAsync(
            TestImages.Plain(0, 0, 0), cancellationToken: TestContext.Current.CancellationToken)).Predictions);
    }

    [Theory]
    [MemberData(nameof(DoesNotFit))]
    public async Task Classify_ManifestThatDoesNotFit_SaysWhatDiffers(string what)
    {
        (TinyModel model, Action<JsonObject> manifest, string sentence) = Misfits[what];
        using ModelsFolder models = Folder(model, manifest);

        Assert.Equal(sentence, (await RefusalAsync(models)).Message);
    }

    [Fact]
    public async Task Classify_FileThatIsNoOnnx_IsModelUnavailable()
    {
        using var models = new ModelsFolder();
        models.Add("mine", "mine.onnx", "no graph"u8.ToArray());

        UnavailableException refusal = await RefusalAsync(models);

        Assert.Equal(ErrorCode.ModelUnavailable, refusal.Code);
        Assert.DoesNotContain(models.Path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classify_ManifestOfAnotherName_SaysWhose()
    {
        using var models = new ModelsFolder();
        models.AddTiny("yours");
        File.Move(models.PathOf("yours.json"), models.PathOf("mine.json"));

        Assert.Equal("mine.json is the manifest of 'yours'.", (await RefusalAsync(models)).Message);
    }

    [Fact]
    public async Task Classify_NoWeights_SaysHowToGetThem()
    {
        using var models = new ModelsFolder();
        models.Add("mine", "mine.onnx");
        Assert.EndsWith("put mine.onnx into the models folder.", (await RefusalAsync(models)).Message, StringComparison.Ordinal);

        var weights = new JsonObject { ["urls"] = new JsonArray("https://example.test/mine.onnx") };
        models.Add("mine", "mine.onnx", null, new JsonObject { ["weights"] = weights });
        Assert.EndsWith("`resnet models pull mine` gets them.", (await RefusalAsync(models)).Message, StringComparison.Ordinal);
    }

    private static ModelsFolder Folder(TinyModel model, Action<JsonObject> change)
    {
        var models = new ModelsFolder();
        File.WriteAllText(models.PathOf("rgb.tsv"), "# index, category, label\n\n0\tr\tred\n1\tg\tgreen\n2\tb\tblue\n");
        File.WriteAllText(models.PathOf("bgr.tsv"), "0\tb\tblue\n1\tg\tgreen\n2\tr\tred\n");
        File.WriteAllText(models.PathOf("wrong.tsv"), "0\tr\tred\n2\tb\tblue\n");
        JsonObject manifest = TinyModel.Manifest("rgb.tsv");
        change(manifest);
        return models.Add("mine", "mine.onnx", model.ToBytes(), manifest);
    }

    private static async Task<UnavailableException> RefusalAsync(ModelsFolder models)
    {
        using var classifier = new Classifier(models.Options("mine"));
        return await Assert.ThrowsAsync<UnavailableException>(
            async () => await classifier.ClassifyAsync(TestImages.Plain(1, 2, 3), cancellationToken: TestContext.Current.CancellationToken));
    }
}
