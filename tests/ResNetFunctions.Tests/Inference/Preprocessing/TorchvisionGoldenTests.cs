using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ResNetFunctions.Inference.Decoding;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Preprocessing;

namespace ResNetFunctions.Tests.Inference.Preprocessing;

public class TorchvisionGoldenTests
{
    [Fact]
    public void Run_SharedPhotos_TensorIsTorchvisionsToTheLastBit()
    {
        using var golden = JsonDocument.Parse(
            File.ReadAllBytes(SharedFolder.PathOf("reference", "resnet18.golden.json")));
        var preprocessor = new Preprocessor(new InputSpec());
        var tensor = new float[preprocessor.TensorLength];
        var differing = new List<string>();
        foreach (var photo in golden.RootElement.GetProperty("photos").EnumerateArray())
        {
            var file = photo.GetProperty("file").GetString()!;
            var image = File.ReadAllBytes(SharedFolder.PathOf("photos", file));
            using var pixels = new SkiaDecoder().Decode(image, ImageHeader.Read(image));
            preprocessor.Run(pixels, Orientation.TopLeft, tensor);
            var hash = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(tensor)));
            if (hash != photo.GetProperty("tensor_sha256").GetString())
                differing.Add(file);
        }
        Assert.Empty(differing);
    }
}
