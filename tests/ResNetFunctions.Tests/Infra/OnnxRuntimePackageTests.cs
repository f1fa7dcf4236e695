using System.Text.Json;

namespace ResNetFunctions.Tests.Infra;

/// <summary>Which ONNX Runtime a build takes.</summary>
public sealed class OnnxRuntimePackageTests
{
    private const string Processor = "Microsoft.ML.OnnxRuntime", Gpu = "Microsoft.ML.OnnxRuntime.Gpu.Linux";

    [Theory]
    [InlineData(null, Processor)]
    [InlineData("Cpu", Processor)]
    [InlineData("Gpu", Gpu)]
    public async Task Build_OnnxRuntimeProperty_TakesOnePackageWithAVersion(string? property, string package)
    {
        string[] properties = property is null ? [] : [$"-p:OnnxRuntime={property}"];
        (int exitCode, string output, string error) = await Command.RunAsync(new(
            "dotnet", ["msbuild", Project("ResNetFunctions.Inference"), "-getItem:PackageReference", "-getItem:PackageVersion", .. properties]));

        Assert.True(exitCode == 0, error + output);
        JsonElement items = JsonElement.Parse(output).GetProperty("Items");
        Assert.Equal([package], Names(items, "PackageReference").Where(name => name.StartsWith(Processor, StringComparison.Ordinal)));
        Assert.Contains(package, Names(items, "PackageVersion"));
    }

    // Microsoft publishes both for one release, and the managed code must know the native library's functions.
    [Fact]
    public async Task Versions_OfBothPackages_AreOfOneRelease()
    {
        (int exitCode, string output, string error) = await Command.RunAsync(new(
            "dotnet", ["msbuild", Project("ResNetFunctions.Inference"), "-getItem:PackageVersion"]));
        Assert.True(exitCode == 0, error + output);
        Version[] versions = [.. JsonElement.Parse(output).GetProperty("Items").GetProperty("PackageVersion").EnumerateArray()
            .Where(item => item.GetProperty("Identity").GetString() is Processor or Gpu)
            .Select(item => Version.Parse(item.GetProperty("Version").GetString()!))];

        Assert.Equal(2, versions.Length);
        Assert.Single(versions.Select(version => (version.Major, version.Minor)).Distinct());
    }

    [Fact]
    public async Task Build_OtherOnnxRuntime_IsRefused()
    {
        (int exitCode, string output, _) = await Command.RunAsync(new(
            "dotnet", ["msbuild", Project("ResNetFunctions.Inference"), "-t:CheckOnnxRuntime", "-p:OnnxRuntime=Tpu"]));

        Assert.NotEqual(0, exitCode);
        Assert.Contains("OnnxRuntime is Cpu (the default) or Gpu, and not 'Tpu'.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeviceCheck_WithoutAGpu_SaysSoInOneLineAndSucceeds()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Skipped: the script is for Linux.");
        Assert.SkipWhen(File.Exists("/dev/nvidiactl"), "Skipped: there is a GPU here.");

        (int exitCode, string output, _) = await Command.RunAsync(new("bash", [Repository.PathOf("tests", "device", "check.sh")]));

        Assert.Equal(
            (0, "Skipped: there is no NVIDIA GPU here (nvidia-smi). DEVICE=cpu tries the script on the processor."),
            (exitCode, output.TrimEnd()));
    }

    private static string Project(string name) => Repository.PathOf("src", name, name + ".csproj");

    private static IEnumerable<string> Names(JsonElement items, string kind) =>
        items.GetProperty(kind).EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!);
}
