using System.Net.Http.Headers;
using System.Text.Json;
using ResNetFunctions.Tests.Cli;

namespace ResNetFunctions.Tests.Api.Http;

/// <summary>Which parts of a form are files.</summary>
public sealed class MultipartFilesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("application/octet-stream")] // as Azure Custom Vision's own client
    [InlineData("image/png")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Part_WithAnImageAndNoFileName_IsAFileNamedLikeItsField(string? type)
    {
        await using Server server = await Tiny.StartAsync();
        using var form = new MultipartFormDataContent { { Part(Tiny.Picture, type), "imageData" } };

        (int status, JsonElement answer) = await PostAsync(server, form);

        Assert.Equal(200, status);
        JsonElement result = Assert.Single(answer.GetProperty("results").EnumerateArray());
        Assert.Equal(("imageData", "classified"), (result.GetProperty("file").GetString(), result.GetProperty("status").GetString()));
        Assert.Equal(Tiny.Picture.Length, result.GetProperty("image").GetProperty("bytes").GetInt32());
    }

    [Fact]
    public async Task Part_OfTextBesideAFile_IsPassedOver()
    {
        await using Server server = await Tiny.StartAsync(o => o.MaxImageBytes = 5_000);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("3"), "top" }, { Part(Tiny.Picture, null), "file", "a.png" }, { new StringContent(new string('x', 6_000)), "note" },
        };

        (int status, JsonElement answer) = await PostAsync(server, form);

        Assert.Equal(200, status);
        Assert.Single(answer.GetProperty("results").EnumerateArray());
    }

    [Fact]
    public async Task Part_OfBytesThatAreNoImage_IsRejectedByItself()
    {
        await using Server server = await Tiny.StartAsync();
        using var form = new MultipartFormDataContent { { Part("text"u8.ToArray(), "application/octet-stream"), "a" }, { Part(Tiny.Picture, null), "b" } };

        (int status, JsonElement answer) = await PostAsync(server, form);

        Assert.Equal(200, status);
        Assert.Equal(["rejected", "classified"], answer.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetString()));
    }

    private static ByteArrayContent Part(byte[] bytes, string? type)
    {
        var part = new ByteArrayContent(bytes);
        part.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        return part;
    }

    private static async Task<(int Status, JsonElement Answer)> PostAsync(Server server, HttpContent form)
    {
        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", form, Cancelled);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancelled)));
    }
}
