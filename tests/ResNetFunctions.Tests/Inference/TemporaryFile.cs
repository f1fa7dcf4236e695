namespace ResNetFunctions.Tests.Inference;

/// <summary>A file with some bytes, gone when it is disposed.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resnet-test-").FullName;

    public TemporaryFile(ReadOnlySpan<byte> bytes, string name = "weights.pth")
    {
        Path = System.IO.Path.Combine(_folder, name);
        File.WriteAllBytes(Path, bytes);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
