using System.Diagnostics;
using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;
using ResNetFunctions.Tests.Infra;
using ResNetFunctions.Tests.ModelTools.Onnx;

namespace ResNetFunctions.Tests.Cli;

public sealed class ClassifyCommandTests
{
    // The logarithm of a confidence is its logit minus a common constant.
    private const double LogitTolerance = 1e-4;

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet18-trained")]
    public async Task Classify_PhotosOfTheReference_ConfidencesAreTheSoftmaxOfPyTorchsLogits(string reference)
    {
        using JsonDocument golden = JsonDocument.Parse(
            await File.ReadAllBytesAsync(SharedFolder.PathOf("reference", reference + ".golden.json"), TestContext.Current.CancellationToken));
        float[][] logits = Npy.Rows(SharedFolder.PathOf("reference", reference + ".logits.npy"));
        JsonElement[] photos = [.. golden.RootElement.GetProperty("photos").EnumerateArray()];

        var run = await ResNet.RunAsync(
            ["classify", .. photos.Select(photo => SharedFolder.PathOf("photos", photo.GetProperty("file").GetString()!)),
                "--top", "1000", "--json", "--weights", SharedFolder.PathOf("reference", reference + ".pth")]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[] answers = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(photos.Length, answers.Length);
        foreach ((string answer, JsonElement photo, float[] expected) in answers.Zip(photos, logits))
        {
            (int Index, double Confidence)[] predictions = [.. JsonElement.Parse(answer).GetProperty("predictions").EnumerateArray()
                .Select(p => (p.GetProperty("index").GetInt32(), p.GetProperty("confidence").GetDouble()))];
            Assert.Equal(photo.GetProperty("top5").EnumerateArray().Select(p => p[0].GetInt32()), predictions.Take(5).Select(p => p.Index));

            double[] shared = [.. predictions.Select(p => expected[p.Index] - Math.Log(p.Confidence))];
            Assert.InRange((shared.Max() - shared.Min()) / 2, 0, LogitTolerance);
            double sum = expected.Sum(logit => Math.Exp(logit));
            Assert.All(predictions, p => Assert.Equal(Math.Exp(expected[p.Index]) / sum, p.Confidence, 2 * LogitTolerance * p.Confidence));
        }
    }

    // ONNX Runtime would keep an identifier of the machine and its telemetry there.
    [Fact]
    public async Task Classify_LeavesNothingInTheCacheButItsOwn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Skipped: elsewhere ONNX Runtime's cache is not where XDG_CACHE_HOME says.");
        using var models = new ModelsFolder();
        models.AddTiny("mine");
        await File.WriteAllBytesAsync(models.PathOf("a.png"), TestImages.Plain(255, 0, 0), TestContext.Current.CancellationToken);
        string cache = models.PathOf("cache");
        ProcessStartInfo start = ResNet.Start(
            ["classify", models.PathOf("a.png")],
            ("ResNet__ModelsPath", models.Path), ("ResNet__DefaultModel", "mine"), ("XDG_CACHE_HOME", cache));
        start.Environment.Remove("CI"); // under which it tells nothing

        var run = await Command.RunAsync(start);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal([Path.Combine(cache, "resnetfunctions")], Directory.EnumerateFileSystemEntries(cache));
    }

    [Fact]
    public async Task Classify_FilesOfAModelByName_AnswersEachAndFailsForTheBadOne()
    {
        using var models = new ModelsFolder();
        models.AddTiny("mine").AddTiny("other", null, "rouge", "vert", "bleu");
        await File.WriteAllBytesAsync(models.PathOf("a.png"), TestImages.Plain(255, 0, 0), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(models.PathOf("b.png"), "no picture", TestContext.Current.CancellationToken);

        var run = await ResNet.RunAsync(
            ["classify", models.Path, "--model", "other"], ("ResNet__ModelsPath", models.Path), ("ResNet__DefaultModel", "mine"));

        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"a\.png\n +100.0 ?%  rouge  rouge\n", run.Output);
        Assert.Contains($"({ErrorCode.UnsupportedFormat})", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classify_InvalidSetting_IsOneLine()
    {
        var run = await ResNet.RunAsync(["classify", "a.png"], ("ResNet__Top", "0"));

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Matches(@"^resnet: .*Top.*\n$", run.Error);
    }
}
