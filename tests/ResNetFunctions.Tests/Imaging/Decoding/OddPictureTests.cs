using System.Security.Cryptography;
using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;

namespace ResNetFunctions.Tests.Imaging.Decoding;

/// <summary>Unusual files: both decoders give the answer in odd.golden.json, and Skia gives Pillow's pixels.
/// tests/reference/make_odd_pictures.py made them.</summary>
public sealed class OddPictureTests
{
    // A decoder that never ends is a fault too.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, Picture> Pictures = Read();

    public static MatrixTheoryData<string, ImageDecoder> Files() =>
        new(Pictures.Keys, Decoders.Names.Select(row => row.Data));

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Decode_OddPicture_IsWhatTheTableStates(string name, ImageDecoder decoder)
    {
        Picture picture = Pictures[name];

        Decoded decoded = await Task.Run(() => Decode(picture.File, decoder)).WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal(picture.Status, decoded.Status);
        if (picture.Rgb is not null)
            Assert.Equal((picture.Width, picture.Height, picture.Orientation), (decoded.Width, decoded.Height, (int)decoded.Orientation));
        if (decoder != ImageDecoder.Skia)
            AssertNear(Decode(picture.File, ImageDecoder.Skia).Rgb, decoded.Rgb, name.StartsWith("jpeg", StringComparison.Ordinal) ? 25 : 0);
        else if (picture.Rgb is not null)
            Assert.Equal(picture.Rgb, Convert.ToHexStringLower(SHA256.HashData(decoded.Rgb)));
    }

    // ImageSharp rounds JPEG numbers differently and does not smooth colours, which here are noise: its pixels differ a
    // little. Another picture would differ by 60 and more.
    private static void AssertNear(byte[] expected, byte[] actual, double meanDistance)
    {
        Assert.Equal(expected.Length, actual.Length);
        if (actual.Length > 0)
            Assert.InRange(expected.Zip(actual, (a, b) => Math.Abs(a - b)).Average(), 0, meanDistance);
    }

    private static Decoded Decode(byte[] file, ImageDecoder decoder)
    {
        try
        {
            var header = ImageHeader.Read(file);
            return new Decoded("answered", header.Width, header.Height, header.Orientation, Decoders.Create(decoder).Rgb(file));
        }
        catch (RejectedException e)
        {
            return new Decoded(e.Code, 0, 0, default, []);
        }
    }

    private static Dictionary<string, Picture> Read()
    {
        using Stream resource = typeof(OddPictureTests).Assembly.GetManifestResourceStream("odd.golden.json")!;
        using JsonDocument golden = JsonDocument.Parse(resource);
        return golden.RootElement.GetProperty("pictures").EnumerateArray().ToDictionary(
            row => row.GetProperty("name").GetString()!,
            row => row.TryGetProperty("rgb", out JsonElement rgb)
                ? new Picture(Status(row), Bytes(row), Number(row, "width"), Number(row, "height"), Number(row, "orientation"), rgb.GetString())
                : new Picture(Status(row), Bytes(row), 0, 0, 0, null));

        static string Status(JsonElement row) => row.GetProperty("status").GetString()!;
        static byte[] Bytes(JsonElement row) => row.GetProperty("file").GetBytesFromBase64();
        static int Number(JsonElement row, string name) => row.GetProperty(name).GetInt32();
    }

    // Rgb is the hash of Pillow's pixels; null if they are not compared.
    private sealed record Picture(string Status, byte[] File, int Width, int Height, int Orientation, string? Rgb);

    private sealed record Decoded(string Status, int Width, int Height, Orientation Orientation, byte[] Rgb);
}
