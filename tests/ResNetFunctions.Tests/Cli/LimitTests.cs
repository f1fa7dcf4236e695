using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Tests.Cli;

/// <summary>Each limit: one below, at, and one above.</summary>
public sealed class LimitTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-1, false, ErrorCode.TooLarge)]
    [InlineData(0, false, null)]
    [InlineData(1, false, null)]
    [InlineData(-1, true, ErrorCode.TooLarge)]
    [InlineData(0, true, null)]
    [InlineData(1, true, null)]
    public async Task MaxImageBytes_AtTheImagesLength_IsTheLast(int more, bool chunked, string? code)
    {
        await using Server server = await Tiny.StartAsync(o => o.MaxImageBytes = Tiny.Picture.Length + more);

        Assert.Equal(code, await CodeAsync(server, new ByteArrayContent(Tiny.Picture), "", chunked));
    }

    // Buffers grow in steps; the bytes at each edge must all arrive.
    [Theory]
    [InlineData((128 << 10) - 1)]
    [InlineData(128 << 10)]
    [InlineData((128 << 10) + 1)]
    [InlineData((512 << 10) + 1)]
    [InlineData((2 << 20) + 1)]
    public async Task Classify_BodyAtAStepOfTheBuffer_ArrivesWhole(int length)
    {
        await using Server server = await Tiny.StartAsync();
        byte[] image = [.. Tiny.Picture, .. new byte[length - Tiny.Picture.Length]];

        foreach (bool chunked in (bool[])[false, true])
        {
            using HttpResponseMessage response = await SendAsync(server, new ByteArrayContent(image), "", chunked);
            JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
            Assert.Equal(length, answer.GetProperty("image").GetProperty("bytes").GetInt32());
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image)), answer.GetProperty("image").GetProperty("sha256").GetString());
        }
    }

    [Theory]
    [InlineData(-1, false, ErrorCode.TooLarge)]
    [InlineData(0, false, null)]
    [InlineData(1, false, null)]
    [InlineData(-1, true, ErrorCode.TooLarge)]
    [InlineData(0, true, null)]
    [InlineData(1, true, null)]
    public async Task MaxRequestBytes_AtTheFormsLength_IsTheLast(int more, bool chunked, string? code)
    {
        byte[] form = Form("b", [File, File]);
        await using Server server = await Tiny.StartAsync(o => o.MaxRequestBytes = form.Length + more);

        Assert.Equal(code, await CodeAsync(server, FormContent("b", form), "", chunked));
    }

    [Theory]
    [InlineData(-1, ErrorCode.TooManyPixels)]
    [InlineData(0, null)]
    [InlineData(1, null)]
    public async Task MaxImagePixels_AtTheImagesPixels_IsTheLast(int more, string? code)
    {
        await using Server server = await Tiny.StartAsync(o => o.MaxImagePixels = (37 * 29) + more);

        Assert.Equal(code, await CodeAsync(server, new ByteArrayContent(Tiny.Picture)));
    }

    [Theory]
    [InlineData("0", ErrorCode.BadParameter)]
    [InlineData("1", null)]
    [InlineData("2", null)]
    [InlineData("999", null)]
    [InlineData("1000", null)]
    [InlineData("1001", ErrorCode.BadParameter)]
    [InlineData("-1", ErrorCode.BadParameter)]
    [InlineData("2147483648", ErrorCode.BadParameter)]
    public async Task Top_From1To1000_IsTaken(string top, string? code)
    {
        await using Server server = await Tiny.StartAsync();

        Assert.Equal(code, await CodeAsync(server, new ByteArrayContent(Tiny.Picture), "?top=" + top));
    }

    [Theory]
    [InlineData(15, null)]
    [InlineData(16, null)]
    [InlineData(17, ErrorCode.BadMultipart)]
    public async Task Files_16OfThem_AreTheLast(int count, string? code)
    {
        await using Server server = await Tiny.StartAsync();

        Assert.Equal(code, await CodeAsync(server, FormContent("b", Form("b", Enumerable.Repeat(File, count)))));
    }

    [Theory]
    [InlineData(63, null)]
    [InlineData(64, null)]
    [InlineData(65, ErrorCode.BadMultipart)]
    public async Task Parts_64OfThem_AreTheLast(int count, string? code)
    {
        await using Server server = await Tiny.StartAsync();
        IEnumerable<byte[]> fields = Enumerable.Repeat("Content-Disposition: form-data; name=a\r\n\r\n1"u8.ToArray(), count - 1);

        Assert.Equal(code, await CodeAsync(server, FormContent("b", Form("b", fields.Prepend(File)))));
    }

    [Theory]
    [InlineData(199, null)]
    [InlineData(200, null)]
    [InlineData(201, ErrorCode.BadMultipart)]
    public async Task Boundary_200Characters_AreTheLast(int length, string? code)
    {
        await using Server server = await Tiny.StartAsync();
        string boundary = new('b', length);

        Assert.Equal(code, await CodeAsync(server, FormContent(boundary, Form(boundary, [File]))));
    }

    [Theory]
    [InlineData(15, 10, null)]
    [InlineData(16, 10, null)]
    [InlineData(17, 10, ErrorCode.BadMultipart)]
    [InlineData(2, 17_000, ErrorCode.BadMultipart)]
    public async Task HeadersOfAPart_16AndSome16Kilobytes_AreTheLast(int count, int length, string? code)
    {
        await using Server server = await Tiny.StartAsync();
        string more = string.Concat(Enumerable.Range(1, count - 1).Select(i => $"X-{i}: {new string('x', length)}\r\n"));

        Assert.Equal(code, await CodeAsync(server, FormContent("b", Form("b", [[.. Encoding.ASCII.GetBytes(more), .. File]]))));
    }

    [Fact]
    public async Task Form_WithAFormInside_IsNoPicture()
    {
        await using Server server = await Tiny.StartAsync();
        byte[] inner = [.. "Content-Type: multipart/mixed; boundary=n\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\n"u8, .. Form("n", [File])];
        using HttpResponseMessage response = await SendAsync(server, FormContent("b", Form("b", [inner])));

        JsonElement result = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("results")[0];

        Assert.Equal(ErrorCode.UnsupportedFormat, result.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("a\u2028b\u0007.jpg")]
    public async Task FileName_OfTheClient_ComesBackAsJsonAlone(string name)
    {
        await using Server server = await Tiny.StartAsync();
        byte[] part = [.. Encoding.UTF8.GetBytes($"Content-Disposition: form-data; name=a; filename=\"{name}\"\r\n\r\n"), .. Tiny.Picture];
        using HttpResponseMessage response = await SendAsync(server, FormContent("b", Form("b", [part])));

        string text = await response.Content.ReadAsStringAsync(Cancelled);

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain('<', text);
        Assert.DoesNotContain(text, char.IsControl);
        using JsonDocument answer = JsonDocument.Parse(text);
        Assert.Equal(name, answer.RootElement.GetProperty("results")[0].GetProperty("file").GetString());
    }

    private static byte[] File => [.. "Content-Disposition: form-data; name=a; filename=a.png\r\n\r\n"u8, .. Tiny.Picture];

    private static byte[] Form(string boundary, IEnumerable<byte[]> parts) =>
    [
        .. parts.SelectMany(part => (byte[])[.. Encoding.ASCII.GetBytes($"--{boundary}\r\n"), .. part, .. "\r\n"u8]),
        .. Encoding.ASCII.GetBytes($"--{boundary}--\r\n"),
    ];

    private static ByteArrayContent FormContent(string boundary, byte[] form)
    {
        var content = new ByteArrayContent(form);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=" + boundary);
        return content;
    }

    // The problem's code; null if there is none.
    private static async Task<string?> CodeAsync(Server server, HttpContent content, string query = "", bool chunked = false)
    {
        using HttpResponseMessage response = await SendAsync(server, content, query, chunked);
        if (response.StatusCode == HttpStatusCode.OK)
            return null;
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("code").GetString();
    }

    private static async Task<HttpResponseMessage> SendAsync(Server server, HttpContent content, string query = "", bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/classify" + query) { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        return await server.Client.SendAsync(request, Cancelled);
    }
}
