using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using ResNetFunctions.EndToEnd.Page;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The contents of the published folder.</summary>
public sealed class PackageTests
{
    [Fact]
    public async Task Publish_ForAzure_HasWhatTheHostReads()
    {
        string app = await PublishedApp.FolderAsync();
        string[] files = ["host.json", "worker.config.json", "functions.metadata", "extensions.json", ".azurefunctions/function.deps.json"];
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(app, file)), file));
    }

    [Theory]
    [InlineData("Blobs")]
    [InlineData("Queues")]
    public async Task Publish_ForAzure_HasTheStorageExtensionsThatWereChosen(string service)
    {
        string dependencies = await File.ReadAllTextAsync(
            Path.Combine(await PublishedApp.FolderAsync(), ".azurefunctions", "function.deps.json"), TestContext.Current.CancellationToken);
        Assert.Contains($"\"Microsoft.Azure.WebJobs.Extensions.Storage.{service}/5.3.10\"", dependencies, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_ForAzure_CarriesNativeLibrariesOfLinuxAlone()
    {
        string[] files = [.. (await FilesAsync()).Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["libSkiaSharp.so", "libonnxruntime.so", "libonnxruntime_providers_shared.so"],
            files.Where(file => file.EndsWith(".so", StringComparison.Ordinal)));
        Assert.DoesNotContain(files, file => file.EndsWith(".dylib", StringComparison.Ordinal));
        string app = await PublishedApp.FolderAsync();
        Assert.All(files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)), file => Assert.True(IsManaged(Path.Combine(app, file), out _), file));
    }

    [Theory]
    [InlineData("ResNetFunctions.dll")]
    [InlineData("ResNetFunctions.Inference.dll")]
    [InlineData("Microsoft.Azure.Functions.Worker.Core.dll")]
    public async Task Publish_ForAzure_IsCompiledAhead(string file)
    {
        Assert.True(IsManaged(Path.Combine(await PublishedApp.FolderAsync(), file), out bool ahead));
        Assert.True(ahead);
    }

    [Fact]
    public async Task Publish_ForAzure_HasOneModelsFilesAlone()
    {
        string models = Path.Combine(PageServers.Root(), "models");
        string weights = Path.GetFileName(Assert.Single(Directory.GetFiles(models, "resnet18-mlnet.*.data")));
        Assert.Equal(
            new[] { "imagenet-1k.tsv", "imagenet-1k.zh.tsv", "resnet18-mlnet.json", "resnet18-mlnet.onnx", weights }.Select(file => $"models/{file}").Order(StringComparer.Ordinal),
            (await FilesAsync()).Where(file => file.StartsWith("models/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    // A service runs models, it does not make them.
    [Fact]
    public async Task Publish_ForAzure_HasNothingThatMakesModels()
    {
        string app = await PublishedApp.FolderAsync();
        Assert.DoesNotContain(await FilesAsync(), file => file.Contains("ModelTools", StringComparison.Ordinal));
        foreach (string file in Directory.GetFiles(app, "ResNetFunctions*.dll"))
        {
            using var reader = new PEReader(File.OpenRead(file));
            MetadataReader metadata = reader.GetMetadataReader();
            string[] references = [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
            Assert.DoesNotContain("ResNetFunctions.ModelTools", references);
            Assert.DoesNotContain("Google.Protobuf", references); // It is there for the worker's own gRPC.
        }
    }

    private static async Task<IEnumerable<string>> FilesAsync()
    {
        string app = await PublishedApp.FolderAsync();
        return Directory.EnumerateFiles(app, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(app, file));
    }

    private static bool IsManaged(string path, out bool compiledAhead)
    {
        using var reader = new PEReader(File.OpenRead(path));
        compiledAhead = reader.PEHeaders.CorHeader?.ManagedNativeHeaderDirectory.Size > 0;
        return reader.PEHeaders.CorHeader is not null;
    }
}
