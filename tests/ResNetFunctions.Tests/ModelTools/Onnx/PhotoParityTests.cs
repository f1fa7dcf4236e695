using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;
using ResNetFunctions.Tests.Imaging.Decoding;
using Architecture = ResNetFunctions.ModelTools.Onnx.Architecture;

namespace ResNetFunctions.Tests.ModelTools.Onnx;

/// <summary>From a photo and a .pth to logits, against PyTorch's. The references are in ../shared, and in RESNET_REFERENCE
/// if it is set: tests/reference/parity.sh fills it for every architecture. There the .onnx files stay for onnx's
/// checker.</summary>
public class PhotoParityTests
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void Build_ReferenceWeights_LogitsArePyTorchs()
    {
        string shared = SharedFolder.PathOf("reference");
        string? more = Environment.GetEnvironmentVariable("RESNET_REFERENCE");
        IEnumerable<string> goldens = new[] { shared, more }.OfType<string>()
            .SelectMany(static folder => Directory.EnumerateFiles(folder, "*.golden.json")).Order();
        foreach (string golden in goldens)
            Compare(golden, shared: Path.GetDirectoryName(golden) == shared);
    }

    private static void Compare(string golden, bool shared)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(golden));
        JsonElement root = json.RootElement;
        string stem = golden[..^".golden.json".Length];
        using var weights = StateDict.Read(stem + ".pth");
        ModelProto model = Architecture.Build(root.GetProperty("arch").GetString()!, weights);
        if (!shared)
            OnnxFile.Write(model, stem + ".onnx", new Dictionary<string, string> { ["origin"] = "parity" });
        using var network = new Network(model);
        var preprocessor = new Preprocessor(new InputSpec
        {
            Resize = root.GetProperty("resize").GetInt32(),
            Interpolation = Enum.Parse<Interpolation>(root.GetProperty("interpolation").GetString()!, ignoreCase: true),
        });
        var tensor = new float[preprocessor.TensorLength];
        float[][] expected = Npy.Rows(stem + ".logits.npy");
        double spread = Math.Max(1, expected.Max(static row => row.Max()) - expected.Min(static row => row.Min()));

        double worst = 0;
        int photos = 0;
        foreach (JsonElement photo in root.GetProperty("photos").EnumerateArray())
        {
            byte[] image = File.ReadAllBytes(SharedFolder.PathOf("photos", photo.GetProperty("file").GetString()!));
            using (PixelBuffer pixels = new SkiaDecoder().Decode(image))
                preprocessor.Run(pixels, Orientation.TopLeft, tensor);
            Assert.Equal(
                photo.GetProperty("tensor_sha256").GetString(),
                Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(tensor))));
            float[] logits = network.Run(tensor);
            float[] wanted = expected[photos++];
            worst = Math.Max(worst, logits.Zip(wanted).Max(static pair => Math.Abs(pair.First - pair.Second)));
            Assert.Equal(Top5(wanted), Top5(logits));
        }

        TestContext.Current.SendDiagnosticMessage(
            $"{Path.GetFileName(stem)}: {photos} photos, largest difference of a logit {worst:g3}, spread {spread:g3}");
        Assert.InRange(worst, 0, shared ? Tolerance : Tolerance * spread);
    }

    private static int[] Top5(float[] logits) =>
        [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).Take(5)];
}
