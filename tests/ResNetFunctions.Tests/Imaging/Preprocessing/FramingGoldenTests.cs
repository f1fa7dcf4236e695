using System.Security.Cryptography;
using System.Text.Json;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;

namespace ResNetFunctions.Tests.Imaging.Preprocessing;

/// <summary>Pictures from a formula in every framing and filter, like Pillow's. tests/reference/make_framings.py made the
/// hashes.</summary>
public sealed class FramingGoldenTests
{
    public static TheoryData<Framing, Interpolation> Forms() =>
        [.. Enum.GetValues<Framing>().SelectMany(_ => Enum.GetValues<Interpolation>(), (framing, filter) => (framing, filter))];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Run_PictureByFormula_IsPillowsToTheLastByte(Framing framing, Interpolation interpolation)
    {
        using JsonDocument golden = JsonDocument.Parse(
            typeof(FramingGoldenTests).Assembly.GetManifestResourceStream("framings.golden.json")!);
        int compared = 0;
        foreach (JsonElement row in golden.RootElement.GetProperty("pictures").EnumerateArray().Where(row =>
            row.GetProperty("framing").ValueEquals(framing.ToString().ToLowerInvariant())
            && row.GetProperty("interpolation").ValueEquals(interpolation.ToString().ToLowerInvariant())))
        {
            (int width, int height, int side) = (Int("width"), Int("height"), Int("side"));
            using PixelBuffer picture = PillowGoldenTests.Picture(width, height);
            var preprocessor = new Preprocessor(new InputSpec
            {
                Framing = framing,
                Resize = side + 9,
                Crop = side,
                Interpolation = interpolation,
                Range = 255,
                Mean = [0, 0, 0],
                Std = [1, 1, 1],
                Layout = TensorLayout.Nhwc,
            });
            byte[] pixels = new byte[preprocessor.TensorLength];
            preprocessor.Run(picture, Orientation.TopLeft, pixels);

            string of = $"{width} x {height} to {side}";
            Assert.Equal((of, row.GetProperty("pixels").GetString()), (of, Convert.ToHexStringLower(SHA256.HashData(pixels))));
            compared++;

            int Int(string name) => row.GetProperty(name).GetInt32();
        }
        Assert.Equal(30, compared);
    }
}
