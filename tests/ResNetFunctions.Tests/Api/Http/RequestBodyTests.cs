using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Tests.Cli;

namespace ResNetFunctions.Tests.Api.Http;

/// <summary>Bodies with a Content-Encoding.</summary>
public sealed class RequestBodyTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Codings => ["gzip", "x-gzip", "GZIP", "br", "deflate", "identity"];

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Classify_PackedImage_IsAnsweredForItsBytes(string coding)
    {
        await using Server server = await Tiny.StartAsync();

        JsonElement answer = await PostAsync(server, Pack(Tiny.Picture, coding), coding);

        Assert.Equal(Tiny.Picture.Length, answer.GetProperty("image").GetProperty("bytes").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Classify_PackedForm_IsAnswered(string coding)
    {
        await using Server server = await Tiny.StartAsync();
        using var form = new MultipartFormDataContent("b") { { new ByteArrayContent(Tiny.Picture), "a", "a.png" } };

        JsonElement answer = await PostAsync(
            server, Pack(await form.ReadAsByteArrayAsync(Cancelled), coding), coding, "multipart/form-data; boundary=b");

        Assert.Equal("classified", answer.GetProperty("results")[0].GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Classify_CutOffOrDamaged_IsBadParameterOrCorrupt(string coding)
    {
        await using Server server = await Tiny.StartAsync();
        byte[] packed = Pack(Tiny.Picture, coding), damaged = [.. packed];
        damaged[packed.Length / 2] ^= 0xFF;
        damaged[2] ^= 0xFF;

        foreach (byte[] body in (byte[][])[packed[..(packed.Length / 2)], damaged, "no packed data"u8.ToArray()])
        {
            string? code = (await PostAsync(server, body, coding)).GetProperty("code").GetString();
            Assert.Contains(code, (string[])[ErrorCode.BadParameter, ErrorCode.CorruptImage, ErrorCode.UnsupportedFormat]);
        }
    }

    // Even if the image is complete.
    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("gzip", 8)]
    [InlineData("gzip", 12)]
    [InlineData("deflate", 1)]
    [InlineData("deflate", 8)]
    [InlineData("br", 1)]
    [InlineData("br", 8)]
    public async Task Classify_CutOff_SaysSo(string coding, int missing)
    {
        await using Server server = await Tiny.StartAsync();

        JsonElement problem = await PostAsync(server, Pack(Tiny.Picture, coding)[..^missing], coding);

        Assert.Equal(ErrorCode.BadParameter, problem.GetProperty("code").GetString());
        Assert.Contains($"valid {coding} data", problem.GetProperty("detail").GetString());
    }

    // Members of gzip without content: no byte ever comes out, however many go in.
    [Fact]
    public async Task Classify_EmptyMembersWithoutEnd_AreTooLargeToo()
    {
        await using Server server = await Tiny.StartAsync(o => (o.MaxImageBytes, o.MaxRequestBytes) = (1_000, 100_000));
        byte[] none = Pack([], "gzip");

        JsonElement problem = await PostAsync(server, [.. Enumerable.Repeat(none, 200_000 / none.Length).SelectMany(member => member)], "gzip");

        Assert.Equal(ErrorCode.TooLarge, problem.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, br")]
    public async Task Classify_OtherCoding_NamesThoseThatAreTaken(string coding)
    {
        await using Server server = await Tiny.StartAsync();

        JsonElement problem = await PostAsync(server, Tiny.Picture, coding);

        Assert.Equal(ErrorCode.UnsupportedFormat, problem.GetProperty("code").GetString());
        Assert.Contains("gzip, br or deflate", problem.GetProperty("detail").GetString());
    }

    internal static byte[] Pack(byte[] bytes, string coding)
    {
        if (coding == "identity")
            return bytes;
        using var packed = new MemoryStream();
        using (Stream stream = coding switch
        {
            "br" => new BrotliStream(packed, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest),
            _ => new GZipStream(packed, CompressionLevel.Fastest),
        })
        {
            if (bytes.Length > 0)
                stream.Write(bytes);
            else
                stream.Flush();
        }
        // Of nothing, .NET writes nothing: an empty member by hand.
        return packed.ToArray() is { Length: > 0 } whole ? whole : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }

    internal static async Task<JsonElement> PostAsync(Server server, byte[] body, string coding, string type = "image/png")
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", content, Cancelled);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }
}
