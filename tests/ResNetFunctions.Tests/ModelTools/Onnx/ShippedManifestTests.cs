using System.Text.RegularExpressions;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.Tests.ModelTools.Onnx;

/// <summary>The manifests in models/, as the facts in them hang together.</summary>
public partial class ShippedManifestTests
{
    private static readonly string Folder = FindModels();

    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(Folder, "*.json").Select(static path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_ShippedManifest_IsWhole(string name)
    {
        Manifest manifest = Read(name);
        Assert.Equal(name, manifest.Name);
        Assert.NotNull(manifest.Description);
        Assert.NotNull(manifest.Weights.License);
        Assert.True(File.Exists(Path.Combine(Folder, manifest.Labels)));
        Assert.All(manifest.Weights.Urls, static url => Assert.Equal("https", url.Scheme));
        Assert.All(manifest.Weights.Urls, url => Assert.EndsWith("/" + manifest.Weights.File, url.AbsolutePath));
        Assert.Matches("^([0-9a-f]{64}|[0-9a-f]{8})$", manifest.Weights.Sha256);
        if (manifest.Architecture is null)
            Assert.EndsWith(".onnx", manifest.Weights.File);
        else
            Assert.Contains(manifest.Architecture, Architecture.Names);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_TorchvisionManifest_Sha256BeginsWithTheDigitsInTheFileName(string name)
    {
        WeightsSource weights = Read(name).Weights;
        if (HashInName().Match(weights.File) is { Success: true } hash)
            Assert.StartsWith(hash.Groups[1].Value, weights.Sha256);
        else
            Assert.EndsWith(".onnx", weights.File);
    }

    [Fact]
    public void Parse_AllManifests_NameEachFileAndEachArchitectureOnceOrMore()
    {
        Manifest[] manifests = [.. Names.Select(static row => Read(row.Data))];
        Assert.Distinct(manifests.Select(static manifest => manifest.Weights.File));
        Assert.Empty(Architecture.Names.Except(["resnet"]).Except(manifests.Select(static m => m.Architecture!)));
    }

    private static Manifest Read(string name) => Manifest.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".json")));

    private static string FindModels()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ResNetFunctions.sln")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new DirectoryNotFoundException("The repository's root is not above the tests."), "models");
    }

    [GeneratedRegex("-([0-9a-f]{8})\\.pth$")]
    private static partial Regex HashInName();
}
