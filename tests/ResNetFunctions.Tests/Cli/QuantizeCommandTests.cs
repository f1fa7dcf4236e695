using System.Text.Json;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Cli;

public sealed class QuantizeCommandTests : IDisposable
{
    private const string Network = "squeezenet1_1";

    private readonly ModelsFolder _models = new();

    public QuantizeCommandTests() => _models.AddWithPhotos("mine", Network);

    public void Dispose() => _models.Dispose();

    [Fact]
    public async Task Quantize_AModel_MakesOneThatAnswersLikeIt()
    {
        var made = await RunAsync("models", "quantize", "mine", "--calibration", _models.PathOf("photos"));
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.StartsWith(_models.PathOf("mine-int8.onnx"), made.Output, StringComparison.Ordinal);
        Assert.Contains("compared with mine on 4 photos", made.Output, StringComparison.Ordinal);
        Assert.Contains("torn.jpg", made.Error, StringComparison.Ordinal);

        Manifest manifest = Manifest.Parse(await File.ReadAllBytesAsync(_models.PathOf("mine-int8.json"), TestContext.Current.CancellationToken));
        Assert.Equal(("mine", 4), (manifest.Quantization!.From, manifest.Quantization.CalibrationPhotos));
        Assert.InRange(new FileInfo(Assert.Single(Directory.GetFiles(_models.Path, "mine-int8.*.data"))).Length, 1_200_000, 1_500_000);

        var judged = await RunAsync("eval", _models.PathOf("photos"), "--model", "mine", "--against", "mine-int8");
        Assert.True(judged.ExitCode == 0, judged.Error);
        Assert.Matches("mine-int8 .user weights. on 4 photos", judged.Output);
        Assert.Matches(@"same top-1 on [\d.]+ %", judged.Output);

        var classified = await RunAsync("classify", _models.PathOf("photos/n01440760_x.png"), "--model", "mine-int8", "--json");
        Assert.True(JsonElement.Parse(classified.Output).GetProperty("predictions")[0].GetProperty("label").GetString() is { Length: > 0 });
    }

    [Fact]
    public async Task Quantize_ToAFileThatIsNoOnnx_IsRefused()
    {
        var made = await RunAsync("models", "quantize", "mine", "--calibration", _models.PathOf("photos"), "-o", _models.PathOf("mine.json"));
        Assert.Equal(1, made.ExitCode);
        Assert.Contains(".onnx", made.Error, StringComparison.Ordinal);
        Assert.Contains("safetensors", await File.ReadAllTextAsync(_models.PathOf("mine.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quantize_WithoutPhotos_SaysSo()
    {
        DirectoryInfo empty = Directory.CreateDirectory(_models.PathOf("empty"));
        var made = await RunAsync("models", "quantize", "mine", "--calibration", empty.FullName);
        Assert.Equal((1, "resnet: Calibration needs at least two photos, better 100."), (made.ExitCode, made.Error.Trim()));
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        ResNet.RunAsync(arguments, ("ResNet__ModelsPath", _models.Path), ("ResNet__DefaultModel", "mine"));
}
