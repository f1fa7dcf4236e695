using System.Diagnostics;
using System.IO.Hashing;
using ResNetFunctions.Inference;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Inference.Sessions;

public sealed class OptimizedGraphsTests : IDisposable
{
    private readonly string _cache = Directory.CreateTempSubdirectory("resnet-test-").FullName;

    private string[] Graphs => Directory.GetFiles(_cache, "*.ort");

    [Fact]
    public async Task Find_SecondTime_IsTheFileOfTheFirst()
    {
        float[] first = await ClassifyAsync();
        string graph = Assert.Single(Graphs);
        DateTime written = File.GetLastWriteTimeUtc(graph);

        Assert.Equal(first, await ClassifyAsync());
        Assert.Equal(graph, Assert.Single(Graphs));
        Assert.Equal(written, File.GetLastWriteTimeUtc(graph));
    }

    [Fact]
    public async Task Find_OptimizedGraph_AnswersAsTheGraphItself()
    {
        Assert.Equal(await ClassifyAsync(cache: ""), await ClassifyAsync());
        Assert.Single(Graphs);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    [InlineData(-1)]
    public async Task Find_OneByteChanged_IsMadeAgain(int at)
    {
        float[] first = await ClassifyAsync();
        string graph = Assert.Single(Graphs);
        byte[] damaged = await File.ReadAllBytesAsync(graph, TestContext.Current.CancellationToken);
        damaged[at < 0 ? ^1 : at] ^= 1;
        await File.WriteAllBytesAsync(graph, damaged, TestContext.Current.CancellationToken);

        Assert.Equal(first, await ClassifyAsync());
        Assert.True(IsWhole(Assert.Single(Graphs)));
    }

    [Fact]
    public async Task Find_CutOff_IsMadeAgain()
    {
        float[] first = await ClassifyAsync();
        using (FileStream file = File.OpenWrite(Assert.Single(Graphs)))
            file.SetLength(file.Length / 2);

        Assert.Equal(first, await ClassifyAsync());
        Assert.True(IsWhole(Assert.Single(Graphs)));
    }

    [Fact]
    public async Task Find_RightHashButNoGraph_IsAnsweredAndRemoved()
    {
        float[] first = await ClassifyAsync();
        string graph = Assert.Single(Graphs);
        byte[] other = [.. Enumerable.Range(0, 4096).Select(i => (byte)i)];
        string name = $"{Path.GetFileName(graph).Split('-')[0]}-{Convert.ToHexStringLower(XxHash128.Hash(other))}.ort";
        File.Delete(graph);
        await File.WriteAllBytesAsync(Path.Combine(_cache, name), other, TestContext.Current.CancellationToken);

        Assert.Equal(first, await ClassifyAsync());
        Assert.Equal(first, await ClassifyAsync());
        Assert.NotEqual(name, Path.GetFileName(Assert.Single(Graphs)));
    }

    [Fact]
    public async Task Find_OfAnotherUser_IsMadeAgain()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Skipped: only root can give a file away.");
        float[] first = await ClassifyAsync();
        string graph = Assert.Single(Graphs);
        await Process.Start("chown", ["65534", graph]).WaitForExitAsync(TestContext.Current.CancellationToken);
        DateTime written = File.GetLastWriteTimeUtc(graph);

        Assert.Equal(first, await ClassifyAsync());
        Assert.NotEqual(written, File.GetLastWriteTimeUtc(Assert.Single(Graphs)));
    }

    [Fact]
    public async Task Find_ALinkInsteadOfAFile_IsMadeAgain()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Skipped: links need rights on Windows.");
        float[] first = await ClassifyAsync();
        string graph = Assert.Single(Graphs), elsewhere = Path.Combine(_cache, "elsewhere");
        File.Move(graph, elsewhere);
        File.CreateSymbolicLink(graph, elsewhere);

        Assert.Equal(first, await ClassifyAsync());
        Assert.Null(new FileInfo(Assert.Single(Graphs)).LinkTarget);
    }

    [Fact]
    public async Task Find_SeveralProcessesAtOnce_AllAnswerAlike()
    {
        float[][] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ClassifyAsync())));

        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        Assert.NotEmpty(Graphs);
        Assert.Empty(Directory.GetFiles(_cache, ".*.part"));
    }

    [Fact]
    public async Task Find_NothingIsToBeCached_LeavesNothing()
    {
        await ClassifyAsync(cache: "");

        Assert.Empty(Directory.GetFileSystemEntries(_cache));
    }

    // SqueezeNet is the smallest: 5 MB.
    private async Task<float[]> ClassifyAsync(string? cache = null)
    {
        using var classifier = new Classifier(new ClassifierOptions
        {
            ModelsPath = SeededModels.Folder("squeezenet1_1"),
            DefaultModel = "squeezenet1_1",
            CachePath = cache ?? _cache,
        });
        Classification answer = await classifier.ClassifyAsync(TestImages.Jpeg, top: 1000);
        return [.. answer.Predictions.OrderBy(p => p.Index).Select(p => p.Confidence)];
    }

    private static bool IsWhole(string graph) =>
        Path.GetFileNameWithoutExtension(graph).Split('-')[1] == Convert.ToHexStringLower(XxHash128.Hash(File.ReadAllBytes(graph)));

    public void Dispose() => Directory.Delete(_cache, recursive: true);
}
