using System.Text.Json;
using ResNetFunctions.Imaging.Decoding;

namespace ResNetFunctions.Tests.Imaging.Decoding;

/// <summary>Every kind of file that Pillow writes, decoded like Pillow's <c>convert("RGB")</c>.
/// tests/reference/make_pictures.py made them.</summary>
public sealed class PillowPictureTests
{
    private static readonly Dictionary<string, (byte[] File, byte[] Rgb)> Pictures = Read();

    public static MatrixTheoryData<string, ImageDecoder> Files() =>
        new(Pictures.Keys, Decoders.Names.Select(row => row.Data));

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_PillowsFile_GivesPillowsPixels(string picture, ImageDecoder decoder)
    {
        (byte[] file, byte[] expected) = Pictures[picture];

        byte[] rgb = Decoders.Create(decoder).Rgb(file);

        Assert.Equal(expected.Length, rgb.Length);
        if (decoder == ImageDecoder.Skia || !picture.StartsWith("jpeg", StringComparison.Ordinal))
        {
            Assert.Equal(expected, rgb);
            return;
        }

        // ImageSharp rounds in other places and does not smooth the colours of a subsampled JPEG, which here are noise.
        double mean = rgb.Zip(expected, (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(mean, 0, picture is "jpeg 4:2:2" or "jpeg 4:2:0" or "jpeg progressive" ? 12 : 1);
    }

    private static Dictionary<string, (byte[] File, byte[] Rgb)> Read()
    {
        using Stream resource = typeof(PillowPictureTests).Assembly.GetManifestResourceStream("pictures.golden.json")!;
        using JsonDocument golden = JsonDocument.Parse(resource);
        return golden.RootElement.GetProperty("pictures").EnumerateObject().ToDictionary(
            picture => picture.Name,
            picture => (picture.Value.GetProperty("file").GetBytesFromBase64(), picture.Value.GetProperty("rgb").GetBytesFromBase64()));
    }
}
