using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.Tests.Imaging.Preprocessing;

/// <summary>Pictures from a formula, resized, cropped and normalised like Pillow and torchvision.
/// tests/reference/make_pixels.py made the hashes.</summary>
public sealed class PillowGoldenTests
{
    public static TheoryData<int, int> Sizes()
    {
        using JsonDocument golden = Golden();
        return [.. golden.RootElement.GetProperty("pictures").EnumerateArray()
            .Select(picture => (picture.GetProperty("width").GetInt32(), picture.GetProperty("height").GetInt32())).Distinct()];
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Run_PictureByFormula_IsTorchvisionsToTheLastBit(int width, int height)
    {
        using JsonDocument golden = Golden();
        using PixelBuffer picture = Picture(width, height);
        int presets = 0;
        foreach (JsonElement expected in golden.RootElement.GetProperty("pictures").EnumerateArray().Where(row =>
            row.GetProperty("width").GetInt32() == width && row.GetProperty("height").GetInt32() == height))
        {
            var spec = new InputSpec
            {
                Resize = expected.GetProperty("resize").GetInt32(),
                Crop = expected.GetProperty("crop").GetInt32(),
                Interpolation = Enum.Parse<Interpolation>(expected.GetProperty("interpolation").GetString()!, ignoreCase: true),
            };
            InputSpec pixels = spec with { Range = 255, Mean = [0, 0, 0], Std = [1, 1, 1], Layout = TensorLayout.Nhwc };

            string of = $"{width} x {height}, {spec.Interpolation} to {spec.Resize}";
            Assert.Equal((of, expected.GetProperty("pixels").GetString()), (of, Sha256<byte>([.. Run(picture, pixels).Select(v => (byte)v)])));
            Assert.Equal((of, expected.GetProperty("tensor").GetString()), (of, Sha256<float>(Run(picture, spec))));
            presets++;
        }
        Assert.Equal(5, presets);
    }

    // The twin of `picture` in tests/reference/make_pixels.py: the top byte of each number.
    internal static PixelBuffer Picture(int width, int height)
    {
        var pixels = new PixelBuffer(width, height);
        uint key = SeededTensor.Key($"picture{width}x{height}", 0), index = 0;
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = pixels.Row(y);
            for (int x = 0; x < width; x++)
            {
                for (int channel = 0; channel < 3; channel++)
                    row[(x * PixelBuffer.BytesPerPixel) + channel] = (byte)((SeededTensor.Unit(key, index++) + 1) * 128);
            }
        }
        return pixels;
    }

    private static float[] Run(PixelBuffer picture, InputSpec spec)
    {
        var preprocessor = new Preprocessor(spec);
        float[] tensor = new float[preprocessor.TensorLength];
        preprocessor.Run(picture, Orientation.TopLeft, tensor);
        return tensor;
    }

    private static string Sha256<T>(ReadOnlySpan<T> values)
        where T : unmanaged => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values)));

    private static JsonDocument Golden() =>
        JsonDocument.Parse(typeof(PillowGoldenTests).Assembly.GetManifestResourceStream("pixels.golden.json")!);
}
