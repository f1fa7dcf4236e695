using System.Security.Cryptography;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Tests.Inference.Models;

public sealed class KnownHashesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resnet-test-").FullName;

    private string File => Path.Combine(_folder, "weights.pth");

    private string[] Entries => Directory.GetFiles(_folder, "*.sha256");

    [Fact]
    public async Task Of_UnchangedFile_IsRememberedAndRight()
    {
        await WriteAsync("first");

        Assert.Equal(Hash("first"), new KnownHashes(_folder).Of(File));
        Assert.Equal(Hash("first"), new KnownHashes(_folder).Of(File));
        Assert.Equal(OperatingSystem.IsLinux() ? 1 : 0, Entries.Length);
    }

    [Fact]
    public async Task Of_FileOfTheSameLengthAndTime_IsHashedAgain()
    {
        await WriteAsync("first");
        DateTime modified = System.IO.File.GetLastWriteTimeUtc(File);
        new KnownHashes(_folder).Of(File);
        await WriteAsync("other");
        System.IO.File.SetLastWriteTimeUtc(File, modified);

        Assert.Equal(Hash("other"), new KnownHashes(_folder).Of(File));
    }

    [Fact]
    public async Task Of_DamagedNote_IsHashedAgain()
    {
        await WriteAsync("first");
        new KnownHashes(_folder).Of(File);
        foreach (string entry in Entries)
            System.IO.File.WriteAllText(entry, "nonsense");

        Assert.Equal(Hash("first"), new KnownHashes(_folder).Of(File));
    }

    [Fact]
    public void Of_FileJustWritten_IsNotRemembered()
    {
        System.IO.File.WriteAllText(File, "first");

        Assert.Equal(Hash("first"), new KnownHashes(_folder).Of(File));
        Assert.Empty(Entries);
    }

    // And until it counts as settled.
    private async Task WriteAsync(string text)
    {
        await System.IO.File.WriteAllTextAsync(File, text, TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
