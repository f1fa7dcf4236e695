using System.Globalization;
using System.Text.RegularExpressions;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Cli;

/// <summary><c>resnet train</c> and <c>eval</c> on ants and bees, with the network that every build has.</summary>
public sealed partial class TrainCommandTests : IDisposable
{
    private readonly ModelsFolder _models = new();

    [Fact]
    public async Task Train_AntsAndBees_IsRightAsOftenAsItSays()
    {
        string photos = SharedFolder.PathOf("ants-bees", "train"), unseen = SharedFolder.PathOf("ants-bees", "val");
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "models"), "resnet18-mlnet*"))
            File.Copy(file, _models.PathOf(Path.GetFileName(file)));

        var trained = await RunAsync("train", "bees", photos, "--on", "resnet18-mlnet");

        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Matches("(?m)^ +ants +124 ", trained.Output);
        Assert.EndsWith(_models.PathOf("bees.onnx"), trained.Output.TrimEnd(), StringComparison.Ordinal);
        double said = Percent(trained.Output, SaidRight());

        var judged = await RunAsync("eval", unseen, "--model", "bees");

        Assert.True(judged.ExitCode == 0, judged.Error);
        Assert.StartsWith("bees (trained weights) on 153 photos: ", judged.Output, StringComparison.Ordinal);
        double right = Percent(judged.Output, Top1());
        Assert.InRange(right, 94, 100);
        Assert.InRange(said, right - 3, right + 3);

        var other = await RunAsync("eval", unseen, "--model", "resnet18-mlnet");
        Assert.Equal((1, "resnet: resnet18-mlnet has no class 'ants', which is the name of a folder."), (other.ExitCode, other.Error.Trim().Split('\n')[^1]));
    }

    [Fact]
    public async Task Train_WhatIsNoData_IsOneLine()
    {
        string empty = Directory.CreateDirectory(_models.PathOf("empty")).FullName;
        _models.AddTiny("body");

        var run = await RunAsync("train", "mine", empty, "--on", "body");

        Assert.Equal(
            (1, "resnet: empty has no folder in it. Each class is a folder with its photos, and there must be two at least."),
            (run.ExitCode, run.Error.Trim()));
    }

    public void Dispose() => _models.Dispose();

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        ResNet.RunAsync(arguments, ("ResNet__ModelsPath", _models.Path), ("ResNet__CachePath", ""));

    private static double Percent(string text, Regex pattern) =>
        double.Parse(pattern.Match(text).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Accuracy ([\d.]+) %")]
    private static partial Regex SaidRight();

    [GeneratedRegex(@"top-1 ([\d.]+) %")]
    private static partial Regex Top1();
}
