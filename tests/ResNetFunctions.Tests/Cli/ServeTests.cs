using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;
using ResNetFunctions.Tests.Infra;

namespace ResNetFunctions.Tests.Cli;

public sealed class ServeTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Classify_NoWeightsOfOnesOwn_TheBundledModelAnswers()
    {
        await using Server server = await Server.StartAsync();

        JsonElement answer = await PostAsync(server, await File.ReadAllBytesAsync(Repository.PathOf("samples", "alps.jpg"), Cancelled), "?top=5", HttpStatusCode.OK);

        Assert.Equal("resnet18-mlnet", answer.GetProperty("model").GetProperty("name").GetString());
        Assert.Equal("bundled", answer.GetProperty("model").GetProperty("weights").GetString());
        Assert.Equal("alp", answer.GetProperty("predictions")[0].GetProperty("label").GetString());
        Assert.Equal(5, answer.GetProperty("predictions").GetArrayLength());
        Assert.Equal("jpeg", answer.GetProperty("image").GetProperty("format").GetString());
        Assert.Equal(1, server.Classifier.Loads);
    }

    [Fact]
    public async Task Classify_Golden_AnswersWhatPyTorchDoes()
    {
        string golden = SharedFolder.PathOf("reference", "resnet18-trained.golden.json");
        await using Server server = await Server.StartAsync(o => o.Weights = SharedFolder.PathOf("reference", "resnet18-trained.pth"));
        using JsonDocument reference = JsonDocument.Parse(await File.ReadAllTextAsync(golden, Cancelled));

        foreach (JsonElement photo in reference.RootElement.GetProperty("photos").EnumerateArray())
        {
            byte[] image = await File.ReadAllBytesAsync(SharedFolder.PathOf("photos", photo.GetProperty("file").GetString()!), Cancelled);
            JsonElement answer = await PostAsync(server, image, "?top=5", HttpStatusCode.OK);

            Assert.Equal(
                photo.GetProperty("top5").EnumerateArray().Select(p => p[0].GetInt32()),
                answer.GetProperty("predictions").EnumerateArray().Select(p => p.GetProperty("index").GetInt32()));
        }
    }

    [Fact]
    public async Task Classify_WithTheKey_IsAnswered()
    {
        await using Server server = await Server.StartAsync(o => o.ApiKey = "secret");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/classify") { Content = new ByteArrayContent(TestImages.Jpeg) };
        request.Headers.Add("x-functions-key", "secret");

        Assert.Equal(HttpStatusCode.OK, (await server.Client.SendAsync(request, Cancelled)).StatusCode);
        await PostAsync(server, TestImages.Jpeg, "?code=secret", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Classify_ModelsByName_EachAnswersAndNoMoreAreKeptThanTheSettingSays()
    {
        using var models = new ModelsFolder();
        models.AddTiny("a", null, "rot", "grün", "blau").AddTiny("b", null, "rouge", "vert", "bleu").AddTiny("c");
        await using Server server = await Server.StartAsync(o => (o.ModelsPath, o.DefaultModel, o.MaxLoadedModels) = (models.Path, "a", 2));

        foreach ((string query, string red) in ((string, string)[])[("", "rot"), ("?model=b", "rouge"), ("?model=c", "red"), ("?model=a", "rot")])
        {
            JsonElement answer = await PostAsync(server, TestImages.Plain(255, 0, 0), query, HttpStatusCode.OK);
            Assert.Equal(red, answer.GetProperty("predictions")[0].GetProperty("label").GetString());
        }

        JsonElement list = await server.Client.GetFromJsonAsync<JsonElement>("/api/models", Cancelled);
        Assert.Equal(
            [("a", true), ("b", false), ("c", true)],
            list.GetProperty("models").EnumerateArray().Select(m => (m.GetProperty("name").GetString()!, m.GetProperty("loaded").GetBoolean())));
    }

    [Fact]
    public async Task ModelsAndHealth_AnswerWithoutAKey()
    {
        await using Server server = await Server.StartAsync(o => o.ApiKey = "secret");

        JsonElement models = await server.Client.GetFromJsonAsync<JsonElement>("/api/models", Cancelled);
        Assert.Equal("resnet18-mlnet", models.GetProperty("default").GetString());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/api/health/live", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/api/health/ready", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/", Cancelled)).StatusCode);
    }

    private static async Task<JsonElement> PostAsync(Server server, byte[] image, string query, HttpStatusCode status)
    {
        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify" + query, new ByteArrayContent(image), Cancelled);
        Assert.Equal(status, response.StatusCode);
        Assert.True(response.Headers.Contains("x-correlation-id"));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }
}
