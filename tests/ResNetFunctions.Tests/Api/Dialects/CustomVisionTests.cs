using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Tests.Cli;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Api.Dialects;

public sealed class CustomVisionTests
{
    private const string Prefix = $"prediction/{DialectClient.Project}/classify/iterations/tiny";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/customvision/v3.1/" + Prefix + "/image", 200)]
    [InlineData("/customvision/v3.0/" + Prefix + "/image/nostore", 200)]
    [InlineData("/customvision/v3.0/Prediction/" + DialectClient.Project + "/classify/iterations/tiny/image", 200)]
    [InlineData("/customvision/v3.1/prediction/no-guid/classify/iterations/tiny/image", 200)]
    [InlineData("/customvision/v2.0/" + Prefix + "/image", 404)]
    [InlineData("/customvision/v3.1/" + Prefix + "/image/store", 404)]
    [InlineData("/customvision/v2.0/" + Prefix + "/url", 404)]
    public async Task Route_OfEachVersion_IsAnsweredInItsShape(string path, int status)
    {
        await using Server server = await Tiny.StartAsync();

        using HttpResponseMessage response = await server.Client.PostAsync(path, new ByteArrayContent(Tiny.Picture), Cancelled);

        Assert.Equal(status, (int)response.StatusCode);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal(status == 200 ? ["id", "project", "iteration", "created", "predictions"] : ["code", "message", "reason"], answer.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Answer_OfAnImage_HasEveryClassAsATagWithAnIdThatStays()
    {
        using var models = new ModelsFolder();
        models.AddTiny("mine", null, "cats", "dogs", "birds").AddTiny("other", null, "cats", "dogs", "birds");
        await using Server server = await Server.StartAsync(o => (o.ModelsPath, o.DefaultModel) = (models.Path, "mine"));

        JsonElement red = await AskAsync(server, "mine", TestImages.Plain(255, 0, 0)), blue = await AskAsync(server, "mine", TestImages.Plain(0, 0, 255));
        JsonElement other = await AskAsync(server, "other", TestImages.Plain(0, 0, 255));

        Assert.Equal(DialectClient.Project, red.GetProperty("project").GetString());
        Assert.Equal(["cats", "birds"], new[] { red, blue }.Select(answer => answer.GetProperty("predictions")[0].GetProperty("tagName").GetString()!));
        Assert.Equal(Tags(red), Tags(blue));
        Assert.Equal(3, Tags(red).Values.Distinct().Count());
        Assert.Empty(Tags(red).Values.Intersect(Tags(other).Values));
        Assert.Equal(red.GetProperty("iteration").GetGuid(), blue.GetProperty("iteration").GetGuid());
        Assert.NotEqual(red.GetProperty("iteration").GetGuid(), other.GetProperty("iteration").GetGuid());
        Assert.NotEqual(red.GetProperty("id").GetGuid(), blue.GetProperty("id").GetGuid());
        Assert.InRange(red.GetProperty("predictions").EnumerateArray().Sum(tag => tag.GetProperty("probability").GetDouble()), 0.999, 1.001);
        Assert.All(red.GetProperty("predictions").EnumerateArray(), tag => Assert.Equal("Regular", tag.GetProperty("tagType").GetString()));
        Assert.Equal('5', red.GetProperty("iteration").GetString()![14]); // name-based
    }

    [Theory]
    [InlineData("""{"url": "https://pictures.example.org/a.jpg"}""", "not in the setting UrlHosts")]
    [InlineData("""{"url": "http://localhost/a.jpg"}""", "https")]
    [InlineData("""{"url": 3}""", "a short text")]
    [InlineData("""{"uri": "https://localhost/a.jpg"}""", "url")]
    [InlineData("https://localhost/a.jpg", "JSON")]
    public async Task Url_ThatIsNotAllowed_IsABadImageUrl(string body, string detail)
    {
        await using Server server = await Tiny.StartAsync(o => o.UrlHosts = "localhost");

        using HttpResponseMessage response = await server.Client.PostAsync($"/customvision/v3.1/{Prefix}/url", DialectClient.Json(body), Cancelled);

        JsonElement error = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal((400, "BadRequestImageUrl"), ((int)response.StatusCode, error.GetProperty("code").GetString()));
        Assert.Contains(detail, error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Form_OfTwoImages_IsRefused()
    {
        await using Server server = await Tiny.StartAsync();
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Tiny.Picture), "a" }, { new ByteArrayContent(Tiny.Picture), "b", "b.png" } };

        using HttpResponseMessage response = await server.Client.PostAsync($"/customvision/v3.1/{Prefix}/image", form, Cancelled);

        Assert.Equal(ErrorCode.BadMultipart, DialectClient.ReasonOf(await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)));
    }

    private static Dictionary<string, Guid> Tags(JsonElement answer) => answer.GetProperty("predictions").EnumerateArray()
        .ToDictionary(tag => tag.GetProperty("tagName").GetString()!, tag => tag.GetProperty("tagId").GetGuid());

    private static async Task<JsonElement> AskAsync(Server server, string model, byte[] image)
    {
        using HttpResponseMessage response = await server.Client.SendAsync(DialectClient.All["Custom Vision"].Ask(image, model), Cancelled);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }
}
