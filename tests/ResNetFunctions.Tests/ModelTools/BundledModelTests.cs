using System.Text.Json;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools;
using ResNetFunctions.Tests.Cli;
using ResNetFunctions.Tests.Infra;

namespace ResNetFunctions.Tests.ModelTools;

public sealed class BundledModelTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-test-");

    private static string Head => Repository.PathOf("models", "resnet18-mlnet.head.safetensors");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Make_PackageFileThatIsNotThere_SaysHowToGetIt()
    {
        Assert.Contains("`dotnet restore`", Refusal(PathOf("ResNet18.onnx"), Head), StringComparison.Ordinal);
    }

    [Fact]
    public void Make_PackageFileThatIsCutOff_IsRefused()
    {
        Assert.Equal("ResNet18.onnx has 1,000 bytes, and not 63,653,533: it is damaged or another file.", Refusal(FileOf(1000), Head));
    }

    [Fact]
    public void Make_AnotherPackageFile_IsRefused()
    {
        Assert.Matches("^ResNet18.onnx is damaged or another file: its SHA-256 is [0-9a-f]{64}, and not e2552f19", Refusal(FileOf(63_653_533), Head));
    }

    [Fact]
    public void Make_NothingUsable_LeavesNoGraph()
    {
        Refusal(FileOf(1000), Head);

        Assert.False(File.Exists(PathOf("out.onnx")));
    }

    [Fact]
    public async Task Classify_NoWeightsOfOnesOwnAndNoNetwork_IsAnsweredByTheBundledModel()
    {
        var (exitCode, output, error) = await ResNet.RunAsync(
            ["classify", Repository.PathOf("samples", "alps.jpg"), "--json"],
            ("HTTPS_PROXY", "http://127.0.0.1:9"), ("ResNet__CachePath", PathOf("cache")), ("ResNet__ModelsPath", ""));

        Assert.True(exitCode == 0, error);
        JsonElement answer = JsonElement.Parse(output);
        Assert.Equal(
            ("resnet18-mlnet", "bundled", "alp"),
            (answer.GetProperty("model").GetProperty("name").GetString(), answer.GetProperty("model").GetProperty("weights").GetString(),
                answer.GetProperty("predictions")[0].GetProperty("label").GetString()));
        Assert.Contains("`resnet models pull resnet18` gets torchvision's official network", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classify_ModelThatIsNotHere_IsRefusedWithTheCommandThatGetsIt()
    {
        var (exitCode, _, error) = await ResNet.RunAsync(
            ["classify", Repository.PathOf("samples", "alps.jpg"), "--model", "mobilenet_v2"],
            ("HTTPS_PROXY", "http://127.0.0.1:9"), ("ResNet__CachePath", PathOf("cache")), ("ResNet__ModelsPath", ""));

        Assert.Equal(1, exitCode);
        Assert.Contains("`resnet models pull mobilenet_v2` gets them.", error, StringComparison.Ordinal);
    }

    private string Refusal(string body, string head) =>
        Assert.Throws<InvalidModelException>(() => BundledModel.Make(body, head, PathOf("out.onnx"))).Message;

    private string PathOf(string file) => Path.Combine(_folder.FullName, file);

    private string FileOf(long length)
    {
        using FileStream file = File.Create(PathOf("ResNet18.onnx"));
        file.SetLength(length);
        return file.Name;
    }
}
