using System.Text.Json;
using Microsoft.Azure.CognitiveServices.Vision.ComputerVision;
using Microsoft.Azure.CognitiveServices.Vision.ComputerVision.Models;

namespace ResNetFunctions.EndToEnd.Clients;

/// <summary>Other services' own clients, as their makers publish them, given another address and a key.</summary>
public sealed class RealClientTests(ClientHosts hosts)
{
    private const string Project = "0c9f0b3e-6f0f-4f83-9e5c-5b7a3a6f4f10";

    private static readonly string Picture = TemporaryFiles.Write("cucumbers.jpg", ClientHosts.Cucumbers);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Hosts => ["serve", "worker"];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task CustomVision_ItsOwnClient_GetsOurClassesAsTags(string host)
    {
        Uri address = await hosts.AddressAsync(host);

        Dictionary<string, JsonElement> lines = await NodeClient.RunAsync(
            "custom-vision.mjs", address.GetLeftPart(UriPartial.Authority), ClientHosts.Key, Project, ClientHosts.Model, Picture,
            hosts.Images.UrlOf("image"), "https://127.0.0.1/image");

        foreach (string name in (string[])["image", "nostore", "url", "urlNostore"])
        {
            JsonElement answer = lines[name];
            Assert.True(answer.TryGetProperty("predictions", out JsonElement tags), answer.GetRawText());
            Assert.Equal(ClientHosts.Classes.Order(), tags.EnumerateArray().Select(tag => tag.GetProperty("tagName").GetString()).Order());
            Assert.Equal("cucumbers", tags[0].GetProperty("tagName").GetString());
            Assert.All(tags.EnumerateArray(), tag => Assert.True(tag.GetProperty("tagId").TryGetGuid(out _)));
            Assert.Equal(Project, answer.GetProperty("project").GetString());
            Assert.Equal(lines["image"].GetProperty("iteration").GetGuid(), answer.GetProperty("iteration").GetGuid());
            Assert.InRange(answer.GetProperty("created").GetDateTime(), DateTime.UtcNow.AddMinutes(-10), DateTime.UtcNow.AddMinutes(1));
        }
        AssertError(lines["refused"], 400, "BadRequestImageUrl");
        AssertError(lines["unknown"], 404, "NotFoundIteration");
        AssertError(lines["damaged"], 400, "BadRequestImageFormat");
        AssertError(lines["wrongKey"], 401, "Unauthorized");
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task HuggingFace_ItsOwnClient_GetsLabelsAndScores(string host)
    {
        Uri address = await hosts.AddressAsync(host);

        Dictionary<string, JsonElement> lines = await NodeClient.RunAsync(
            "hugging-face.mjs", address.AbsoluteUri, ClientHosts.Key, ClientHosts.Model, Picture);

        Assert.True(lines["image"].TryGetProperty("labels", out JsonElement labels), lines["image"].GetRawText());
        Assert.Equal(3, labels.GetArrayLength());
        Assert.Equal("cucumbers", labels[0].GetProperty("label").GetString());
        Assert.InRange(labels[0].GetProperty("score").GetDouble(), 0.4, 1);
        Assert.Equal(404, lines["unknown"].GetProperty("status").GetInt32());
        Assert.Contains("There is no model 'none'", lines["unknown"].GetRawText());
        Assert.Equal(401, lines["wrongKey"].GetProperty("status").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task ComputerVision_ItsOwnClient_GetsTags(string host)
    {
        Uri address = await hosts.AddressAsync(host);
        using ComputerVisionClient client = New(address, ClientHosts.Key), stranger = New(address, "wrong");

        TagResult result = await client.TagImageInStreamAsync(new MemoryStream(ClientHosts.Cucumbers), cancellationToken: Cancelled);
        TagResult fetched = await client.TagImageAsync(hosts.Images.UrlOf("image"), cancellationToken: Cancelled);
        var damaged = await Assert.ThrowsAsync<ComputerVisionErrorResponseException>(() =>
            client.TagImageInStreamAsync(new MemoryStream(ClientHosts.Cucumbers[..100]), cancellationToken: Cancelled));
        var refused = await Assert.ThrowsAsync<ComputerVisionErrorResponseException>(() =>
            stranger.TagImageInStreamAsync(new MemoryStream(ClientHosts.Cucumbers), cancellationToken: Cancelled));

        foreach (TagResult tags in (TagResult[])[result, fetched])
        {
            Assert.Equal("cucumbers", tags.Tags[0].Name);
            Assert.InRange(tags.Tags[0].Confidence, 0.4, 1);
            Assert.Equal((280, 240, "Jpeg"), (tags.Metadata.Width, tags.Metadata.Height, tags.Metadata.Format));
            Assert.True(Guid.TryParse(tags.RequestId, out _));
        }
        Assert.Equal(400, (int)damaged.Response.StatusCode);
        Assert.Equal((ComputerVisionErrorCodes.InvalidRequest, ComputerVisionInnerErrorCodeValue.InvalidImageFormat), (damaged.Body.Error.Code, damaged.Body.Error.Innererror.Code));
        Assert.Equal(401, (int)refused.Response.StatusCode);
    }

    private static ComputerVisionClient New(Uri address, string key) =>
        new(new ApiKeyServiceClientCredentials(key)) { Endpoint = address.GetLeftPart(UriPartial.Authority) };

    private static void AssertError(JsonElement line, int status, string code)
    {
        Assert.Equal(status, line.GetProperty("statusCode").GetInt32());
        Assert.Equal(code, line.GetProperty("body").GetProperty("code").GetString());
        Assert.NotEqual("", line.GetProperty("body").GetProperty("message").GetString());
    }
}
