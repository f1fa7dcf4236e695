using ResNetFunctions.Tests.Inference.Models;
using ResNetFunctions.Tests.ModelTools.Adding;

namespace ResNetFunctions.Tests.Cli;

public sealed class AddCommandTests : IDisposable
{
    private readonly ModelsFolder _models = new();

    [Fact]
    public async Task Add_AGraph_SaysWhatItFoundAndClassifies()
    {
        string graph = _models.PathOf("export.onnx"), labels = _models.PathOf("classes.txt"), photo = _models.PathOf("a.png");
        await File.WriteAllBytesAsync(graph, new ExportedGraph { Producer = "pytorch" }.ToBytes(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(labels, "red\ngreen\nblue\n", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(photo, Inference.TestImages.Plain(255, 0, 0), TestContext.Current.CancellationToken);

        var added = await RunAsync("models", "add", "mine", "--weights", graph, "--labels", labels);

        Assert.True(added.ExitCode == 0, added.Error);
        Assert.Equal(
            """
            an ONNX graph made by pytorch, 3 classes
            input data: the short side resized to 9, the centre 8 x 8 cut out (bilinear), RGB, 0 to 1, less (0.485, 0.456, 0.406), divided by (0.229, 0.224, 0.225); as torchvision's, since PyTorch made it; --input says another
            output probabilities: probabilities (its last step is a softmax)
            labels: classes.txt: red, green, blue
            """,
            string.Join('\n', added.Output.TrimEnd().Split('\n')[..^1]));
        Assert.EndsWith(_models.PathOf("mine.json"), added.Output.TrimEnd(), StringComparison.Ordinal);

        var classified = await RunAsync("classify", photo, "--model", "mine");
        Assert.Matches(@"a\.png\n +\d+\.\d ?%  red\n", classified.Output);
    }

    [Fact]
    public async Task Add_WhatDoesNotSayEnough_IsOneLine()
    {
        string graph = _models.PathOf("export.onnx");
        await File.WriteAllBytesAsync(graph, new ExportedGraph { Features = true }.ToBytes(), TestContext.Current.CancellationToken);

        var added = await RunAsync("models", "add", "mine", "--weights", graph);

        Assert.Equal(
            (1, "resnet: The graph has 2 outputs (scores, probabilities). Say which has the scores: --output NAME."),
            (added.ExitCode, added.Error.Trim()));
    }

    public void Dispose() => _models.Dispose();

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        ResNet.RunAsync(arguments, ("ResNet__ModelsPath", _models.Path), ("ResNet__CachePath", ""), ("ResNet__DefaultModel", "mine"));
}
