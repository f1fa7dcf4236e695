using System.Text;
using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Tests.Cli;

namespace ResNetFunctions.Tests.Api.Http;

/// <summary>Images as base64 in JSON, to <c>/api/classify</c>.</summary>
public sealed class JsonImagesTests
{
    private static readonly string Picture = Convert.ToBase64String(Tiny.Picture);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> One =>
    [
        Image(Picture),
        Image("data:image/png;base64," + Picture),
        $$"""{"image": "data:;base64,{{Picture}}", "more": {"image": [1, 2]} }""",
        // As Logic Apps and Power Automate write a file that an action before gave them.
        $$"""{"$content-type": "image/png", "$content": "{{Picture}}"}""",
        Image(Picture.Replace("/", "\\/", StringComparison.Ordinal)), // as PHP writes slashes
        Image(string.Join("\\r\\n", Picture.Chunk(76).Select(line => new string(line)))), // as MIME breaks lines
        Image(Picture.Replace("A", "\\u0041", StringComparison.Ordinal)),
        "\uFEFF \r\n\t" + Image(Picture),
    ];

    [Theory]
    [MemberData(nameof(One))]
    public async Task Classify_OneImage_IsAnsweredAsOneWhateverTheContentType(string json)
    {
        await using Server server = await Tiny.StartAsync();

        foreach (string type in (string[])["application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "text/plain"])
        {
            (int status, JsonElement answer) = await PostAsync(server, json, type);
            Assert.Equal((200, "classified"), (status, answer.GetProperty("status").GetString()));
            Assert.Equal(Tiny.Picture.Length, answer.GetProperty("image").GetProperty("bytes").GetInt32());
        }
    }

    [Fact]
    public async Task Classify_List_IsAnsweredInOrderWithoutNames()
    {
        await using Server server = await Tiny.StartAsync(o => o.MaxImageBytes = 5_000);
        string[] images = [Picture, "AAAA", "", Convert.ToBase64String(new byte[5_001]), Picture];

        (int status, JsonElement answer) = await PostAsync(server, JsonSerializer.Serialize(new { images }));

        Assert.Equal(200, status);
        Assert.Equal(
            [null, ErrorCode.UnsupportedFormat, ErrorCode.EmptyBody, ErrorCode.TooLarge, null],
            answer.GetProperty("results").EnumerateArray().Select(result =>
                result.TryGetProperty("error", out JsonElement error) ? error.GetProperty("code").GetString() : null));
        Assert.All(answer.GetProperty("results").EnumerateArray(), result => Assert.False(result.TryGetProperty("file", out _)));
    }

    [Theory]
    [InlineData("{", ErrorCode.BadJson, "malformed")]
    [InlineData("""{"image": "AAAA"} {"image": "AAAA"}""", ErrorCode.BadJson, "malformed")]
    [InlineData("""{"image": 'AAAA'}""", ErrorCode.BadJson, "malformed")]
    [InlineData("""{"image": "AAA"}""", ErrorCode.BadJson, "base64")]
    [InlineData("""{"image": "data:image/png,AAAA"}""", ErrorCode.BadJson, "data URL")]
    [InlineData("""{"image": null}""", ErrorCode.BadJson, "base64")]
    [InlineData("""{"image": "\uD800"}""", ErrorCode.BadJson, "UTF-8")]
    [InlineData("""{"image": ""}""", ErrorCode.EmptyBody, "no bytes")]
    [InlineData("""{"images": []}""", ErrorCode.BadJson, "no image")]
    [InlineData("""{"images": "AAAA"}""", ErrorCode.BadJson, "array")]
    [InlineData("""{"images": ["AAAA", 3]}""", ErrorCode.BadJson, "base64")]
    [InlineData("{}", ErrorCode.BadJson, "image")]
    [InlineData("[1, 2]", ErrorCode.BadJson, "image")]
    [InlineData("""{"instances": [{"b64": "AAAA"}]}""", ErrorCode.UnsupportedFormat, "/v1/models/{model}:predict")]
    [InlineData("""{"inputs": "AAAA"}""", ErrorCode.UnsupportedFormat, "/models/{model}")]
    [InlineData("""{"inputs": [{"name": "a"}]}""", ErrorCode.UnsupportedFormat, "/v2/models/{model}/infer")]
    [InlineData("""{"url": "https://example.org/a.jpg"}""", ErrorCode.UnsupportedFormat, "/customvision/v3.1")]
    public async Task Classify_OtherJson_SaysWhatIsWrongOrWhoAnswersIt(string json, string code, string detail)
    {
        await using Server server = await Tiny.StartAsync();

        (int status, JsonElement problem) = await PostAsync(server, json);

        Assert.Equal((code == ErrorCode.UnsupportedFormat ? 415 : 400, code), (status, problem.GetProperty("code").GetString()));
        Assert.Contains(detail, problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData(16, 200)]
    [InlineData(17, 400)]
    public async Task Classify_List_HasSixteenAtMost(int count, int expected)
    {
        await using Server server = await Tiny.StartAsync();

        (int status, JsonElement _) = await PostAsync(server, JsonSerializer.Serialize(new { images = Enumerable.Repeat(Picture, count) }));

        Assert.Equal(expected, status);
    }

    // JSON may be longer than one image, as a form may; the image in it may not.
    [Theory]
    [InlineData(6_000, 200)]
    [InlineData(20_000, 413)]
    public async Task Classify_Json_IsLimitedByMaxRequestBytes(int blanks, int expected)
    {
        await using Server server = await Tiny.StartAsync(o => (o.MaxImageBytes, o.MaxRequestBytes) = (5_000, 20_000));

        (int status, JsonElement _) = await PostAsync(server, $$"""{"image": "{{Picture}}" {{new string(' ', blanks)}} }""");

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task Classify_DeepJson_IsRefused()
    {
        await using Server server = await Tiny.StartAsync();

        (int status, JsonElement _) = await PostAsync(server, new string('[', 100_000));

        Assert.Equal(400, status);
    }

    private static string Image(string text) => $$"""{"image": "{{text}}"}""";

    private static async Task<(int Status, JsonElement Answer)> PostAsync(Server server, string json, string type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", content, Cancelled);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancelled)));
    }
}
