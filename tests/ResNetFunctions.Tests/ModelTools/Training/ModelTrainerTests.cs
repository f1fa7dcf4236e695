using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Training;
using ResNetFunctions.Tests.Cli;
using ResNetFunctions.Tests.Inference.Models;
using ResNetFunctions.Tests.ModelTools.Adding;

namespace ResNetFunctions.Tests.ModelTools.Training;

public sealed class ModelTrainerTests : IDisposable
{
    private static readonly string[] Three = ["rot", "grün", "blau 2"];

    private readonly ModelsFolder _models = new();
    private readonly List<string> _skipped = [];

    private string Photos => _models.PathOf("photos");

    [Theory]
    [InlineData("Gemm", "Softmax")]
    [InlineData("Gemm", null)]
    [InlineData("MatMul", "Softmax")]
    public async Task Train_OnANetworkWithALinearLastLayer_AnswersOverHttp(string linear, string? last)
    {
        AddBody(new ExportedGraph { Linear = linear, Last = last });
        ColourPhotos.Write(Photos, 20, Three);

        (Manifest manifest, string onnx, TrainingReport report) = Train();

        Assert.Equal(_models.PathOf("mine.onnx"), onnx);
        Assert.Equal(["blau 2", "grün", "rot"], report.Classes); // by the folders' names
        Assert.InRange(report.Top1, 80, 100);
        Assert.Equal(60, report.Photos);
        Assert.Equal(("body", 5), (manifest.Training!.On, manifest.Training.Folds));
        Assert.Equal([20, 20, 20], manifest.Training.Photos);
        Assert.Equal(report.Top1, manifest.Training.Top1, 0.01);

        await using Server server = await Server.StartAsync(options => (options.ModelsPath, options.DefaultModel, options.CachePath) = (_models.Path, "mine", ""));
        using HttpResponseMessage response = await server.Client.PostAsync(
            "/api/classify", new ByteArrayContent(ColourPhotos.Photo(0, 999)), TestContext.Current.CancellationToken);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, answer.GetRawText());
        Assert.Equal("trained", answer.GetProperty("model").GetProperty("weights").GetString());
        JsonElement best = answer.GetProperty("predictions")[0];
        Assert.Equal(("rot", 2, JsonValueKind.Null), (
            best.GetProperty("label").GetString(), best.GetProperty("index").GetInt32(), best.GetProperty("category").ValueKind));
    }

    [Fact]
    public async Task Train_SamePhotosAgain_GivesTheSameBytes()
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        ColourPhotos.Write(Photos, 12, Three);
        Train();
        string[] first = await FilesAsync();

        Train();

        Assert.Equal(first, await FilesAsync());

        async Task<string[]> FilesAsync() => [.. await Task.WhenAll(Directory.GetFiles(_models.Path, "mine.*").Order(StringComparer.Ordinal)
            .Select(async file => Path.GetFileName(file) + Convert.ToHexString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))))];
    }

    [Fact]
    public void Train_OnATrainedModel_Works()
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        ColourPhotos.Write(Photos, 12, Three);
        Train();
        var store = new ModelStore(_models.Options("body"));

        (_, _, TrainingReport report) = Trainer(store).Train("next", Photos, store.Find("mine"), 4, TestContext.Current.CancellationToken);

        Assert.InRange(report.Top1, 70, 100);
    }

    [Fact]
    public void Train_PhotosThatCantBeUsed_AreNamedAndLeftOut()
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        ColourPhotos.Write(Photos, 8, Three);
        File.WriteAllText(Path.Combine(Photos, "rot", "notes.txt"), "no picture");
        File.WriteAllBytes(Path.Combine(Photos, "rot", "torn.png"), ColourPhotos.Photo(0, 50)[..200]);
        File.Copy(Path.Combine(Photos, "grün", "000.png"), Path.Combine(Photos, "grün", "again.png"));
        File.WriteAllText(Path.Combine(Photos, "rot", "Thumbs.db"), "of the file manager's");
        File.WriteAllText(Path.Combine(Photos, "rot", ".hidden"), "of nobody's interest");

        (_, _, TrainingReport report) = Train();

        Assert.Equal(24, report.Photos);
        Assert.Collection(
            _skipped,
            line => Assert.Equal("again.png: It is the same picture as 000.png.", line),
            line => Assert.StartsWith("notes.txt: ", line, StringComparison.Ordinal),
            line => Assert.StartsWith("torn.png: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Train_SamePictureInTwoClasses_NamesBoth()
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        ColourPhotos.Write(Photos, 6, Three);
        File.Copy(Path.Combine(Photos, "rot", "001.png"), Path.Combine(Photos, "grün", "x.png"));

        AssertRefused("The same picture is in two classes: grün/x.png and rot/001.png. Take one of them away.");
    }

    [Fact]
    public void Train_NoFolders_SaysWhatIsWanted()
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        Directory.CreateDirectory(Photos);
        File.WriteAllBytes(Path.Combine(Photos, "a.png"), ColourPhotos.Photo(0, 0));

        AssertRefused("photos has no folder in it. Each class is a folder with its photos, and there must be two at least.");
    }

    [Fact]
    public void Train_OneClass_SaysThatThereMustBeTwo()
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        ColourPhotos.Write(Photos, 6, "rot");

        AssertRefused("photos has one folder in it. Each class is a folder with its photos, and there must be two at least.");
    }

    [Fact]
    public void Train_EmptyFolder_IsNamed()
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        ColourPhotos.Write(Photos, 6, Three);
        Directory.CreateDirectory(Path.Combine(Photos, "gelb"));

        AssertRefused("The folder gelb is empty: put photos of that class into it, or take it away.");
    }

    [Fact]
    public void Train_FourPhotosOfAClass_SaysHowManyAreNeeded()
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        ColourPhotos.Write(Photos, 6, "rot");
        ColourPhotos.Write(Photos, 4, "rot", "grün");

        AssertRefused("The folder grün has 4 usable photos; each class needs 5 at least, better 50.");
    }

    [Fact]
    public void Train_OnANetworkThatEndsInNoLinearLayer_SaysSo()
    {
        AddBody(new ExportedGraph());
        ColourPhotos.Write(Photos, 6, Three);

        AssertRefused("body can't be trained on: its last layer is not a linear one (a Gemm or a MatMul with constant weights).");
    }

    [Fact]
    public void Train_NameOfAModelThatWasNotTrained_IsLeftAlone()
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        ColourPhotos.Write(Photos, 6, Three);

        AssertRefused("There is a model body that was not trained here: choose another name.", name: "body");
    }

    [Theory]
    [InlineData(TrainingPhase.Extracting)]
    [InlineData(TrainingPhase.Fitting)]
    public void Train_Cancelled_LeavesNothing(TrainingPhase at)
    {
        AddBody(new ExportedGraph { Linear = "Gemm" });
        ColourPhotos.Write(Photos, 10, Three);
        string[] before = Directory.GetFiles(_models.Path);
        using var cancel = new CancellationTokenSource();
        var store = new ModelStore(_models.Options("body"));
        var trainer = new ModelTrainer(store, _models.Options("body"))
        {
            OnProgress = (phase, done, _) =>
            {
                if (phase == at && done == 3)
                    cancel.Cancel();
            },
        };

        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train("mine", Photos, store.Find("body"), 5, cancel.Token));

        Assert.Equal(before, Directory.GetFiles(_models.Path));
    }

    public void Dispose() => _models.Dispose();

    private void AddBody(ExportedGraph graph)
    {
        File.WriteAllText(_models.PathOf("body.tsv"), "0\t\ta\n1\t\tb\n2\t\tc\n");
        JsonObject manifest = TinyModel.Manifest("body.tsv");
        manifest["output"] = graph.Last is null ? "logits" : "probabilities";
        _models.Add("body", "body.onnx", graph.ToBytes(), manifest);
    }

    private ModelTrainer Trainer(ModelStore store) => new(store, _models.Options("body"))
    {
        OnSkipped = (file, why) => _skipped.Add($"{Path.GetFileName(file)}: {why}"),
    };

    private (Manifest, string, TrainingReport) Train(string name = "mine")
    {
        var store = new ModelStore(_models.Options("body"));
        return Trainer(store).Train(name, Photos, store.Find("body"), 5, TestContext.Current.CancellationToken);
    }

    private void AssertRefused(string sentence, string name = "mine")
    {
        Assert.Equal(sentence, Assert.Throws<InvalidModelException>(() => Train(name)).Message);
        Assert.Empty(Directory.GetFiles(_models.Path, "mine.*"));
    }
}
