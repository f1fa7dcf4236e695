using System.Security.Cryptography;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools;

namespace ResNetFunctions.Tests.Inference.Models;

/// <summary>Pulls from a real HTTPS server on this machine.</summary>
public sealed class ModelPullerTests : IAsyncLifetime
{
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 1_000_000).Select(i => (byte)(i * i >> 7))];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-pull-");
    private readonly List<(long Bytes, long Total)> _progress = [];
    private WeightSite _site = null!;

    public async ValueTask InitializeAsync() => _site = await WeightSite.StartAsync(Weights);

    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Pull_Whole_ReportsProgressToTheEnd()
    {
        (string path, bool downloaded) = await PullAsync("whole");

        Assert.True(downloaded);
        Assert.Equal(Weights, await File.ReadAllBytesAsync(path, Cancelled));
        Assert.Equal(["mine.onnx"], _folder.GetFiles().Select(file => file.Name));
        Assert.Equal((Weights.Length, Weights.Length), _progress[^1]);
        Assert.Equal(_progress.Order(), _progress);
        Assert.True(_progress.Count > 2);
    }

    [Fact]
    public async Task Pull_CutOff_KeepsThePartAndGoesOnWithIt()
    {
        var e = await Assert.ThrowsAsync<InvalidModelException>(() => PullAsync("cut"));
        Assert.StartsWith("mine.onnx could not be downloaded. 127.0.0.1: ", e.Message, StringComparison.Ordinal);
        FileInfo part = Assert.Single(_folder.GetFiles());
        Assert.Equal("mine.onnx.part", part.Name);
        long have = part.Length;
        Assert.InRange(have, 1, Weights.Length / 2);
        _progress.Clear();

        (string path, _) = await PullAsync("whole");

        Assert.Equal(["cut from 0", $"whole from {have}"], _site.Asked);
        Assert.Equal(Weights, await File.ReadAllBytesAsync(path, Cancelled));
        Assert.True(_progress[0].Bytes > have);
    }

    [Fact]
    public async Task Pull_CutOffAtTheFirstAddress_GoesOnAtTheNext()
    {
        (string path, _) = await PullAsync("cut", "whole");

        Assert.Equal(Weights, await File.ReadAllBytesAsync(path, Cancelled));
        Assert.Matches("^whole from [1-9]", _site.Asked.Last());
    }

    [Fact]
    public async Task Pull_RangeAnsweredWithTheWhole_StartsAnew()
    {
        await WritePartAsync(Weights[..400]);

        (string path, _) = await PullAsync("rangeless");

        Assert.Equal(["rangeless from 400"], _site.Asked);
        Assert.Equal(Weights, await File.ReadAllBytesAsync(path, Cancelled));
    }

    [Fact]
    public async Task Pull_PartOfAnotherFile_IsNotUsed()
    {
        await WritePartAsync(new byte[400]);

        await Assert.ThrowsAsync<InvalidModelException>(() => PullAsync("whole"));
        Assert.Empty(_folder.GetFiles());

        (string path, _) = await PullAsync("whole");
        Assert.Equal(Weights, await File.ReadAllBytesAsync(path, Cancelled));
    }

    [Fact]
    public async Task Pull_AddressesThatFail_TriesEachInTurn()
    {
        await PullAsync("missing", "broken", "wrong", "longer", "whole");

        Assert.Equal(["missing from 0", "broken from 0", "wrong from 0", "longer from 0", "whole from 0"], _site.Asked);
    }

    [Theory]
    [InlineData("wrong", "its SHA-256 is ")]
    [InlineData("longer", "it has more than the ")]
    public async Task Pull_OtherBytes_LeavesNothingThatCouldBeUsed(string how, string why)
    {
        var e = await Assert.ThrowsAsync<InvalidModelException>(() => PullAsync(how));

        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFiles());
    }

    [Fact]
    public async Task Pull_Cancelled_KeepsThePart()
    {
        using var cancel = new CancellationTokenSource();
        using HttpClient http = _site.CreateClient();
        var progress = new Report(_ => cancel.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new ModelPuller(Store, http).PullAsync(Manifest("whole"), progress, cancel.Token));

        Assert.Equal(["mine.onnx.part"], _folder.GetFiles().Select(file => file.Name));
    }

    [Fact]
    public async Task Pull_WhatIsThere_AsksNobody()
    {
        await PullAsync("whole");

        Assert.False((await PullAsync("whole")).Downloaded);

        Assert.Single(_site.Asked);
    }

    [Fact]
    public async Task Pull_OverAnotherFileOfThatName_LeavesItAlone()
    {
        string own = Path.Combine(_folder.FullName, "mine.onnx");
        await File.WriteAllTextAsync(own, "the user's own", Cancelled);

        await Assert.ThrowsAsync<InvalidModelException>(() => PullAsync("whole"));

        Assert.Equal("the user's own", await File.ReadAllTextAsync(own, Cancelled));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private ModelStore Store => new(new ClassifierOptions { ModelsPath = _folder.FullName, CachePath = "" });

    private Task WritePartAsync(byte[] bytes) =>
        File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "mine.onnx.part"), bytes, Cancelled);

    private async Task<(string Onnx, bool Downloaded)> PullAsync(params string[] ways)
    {
        using HttpClient http = _site.CreateClient();
        return await new ModelPuller(Store, http).PullAsync(Manifest(ways), new Report(_progress.Add), Cancelled);
    }

    private Manifest Manifest(params string[] ways) => new()
    {
        Name = "mine",
        Weights = new WeightsSource
        {
            File = "mine.onnx",
            Urls = [.. ways.Select(how => new Uri(_site.Url(how, "mine.onnx")))],
            Bytes = Weights.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(Weights)),
        },
    };

    // Unlike Progress<T>, at once and in order.
    private sealed class Report(Action<(long, long)> report) : IProgress<(long, long)>
    {
        void IProgress<(long, long)>.Report((long, long) value) => report(value);
    }
}
