using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Tests.Inference.Models;
using ResNetFunctions.Tests.ModelTools.Adding;
using ResNetFunctions.Tests.ModelTools.Training;

namespace ResNetFunctions.Tests.Cli;

/// <summary>The routes behind the page's training.</summary>
public sealed class TrainingEndpointTests : IAsyncLifetime
{
    private readonly ModelsFolder _models = new();
    private readonly string _photos = Directory.CreateTempSubdirectory("resnet-photos-").FullName;
    private Server _server = null!;

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(_models.PathOf("body.tsv"), "0\t\ta\n1\t\tb\n2\t\tc\n");
        JsonObject manifest = TinyModel.Manifest("body.tsv");
        manifest["output"] = "probabilities";
        _models.Add(ModelStore.Bundled, "body.onnx", new ExportedGraph { Linear = "Gemm" }.ToBytes(), manifest);
        _server = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _models.Dispose();
        Directory.Delete(_photos, recursive: true);
    }

    [Fact]
    public async Task Run_ClassesOfPhotos_TrainsAModelThatAnswersAtOnceAndAgain()
    {
        await AddAsync(20, "红", "grün");
        await TrainAsync();

        JsonElement first = await SetAsync();
        Assert.Equal("done", first.GetProperty("run").GetProperty("state").GetString());
        JsonElement report = first.GetProperty("run").GetProperty("report");
        Assert.Equal(40, report.GetProperty("photos").GetInt32());
        Assert.Equal(40, report.GetProperty("confusion").EnumerateArray().Sum(row => row.EnumerateArray().Sum(n => n.GetInt32())));
        Assert.Equal(ModelStore.Bundled, first.GetProperty("trained").GetProperty("on").GetString());
        Assert.Equal("红", await ClassifyAsync(ColourPhotos.Photo(0, 999)));

        // A third class, and the model in memory is the new one.
        await PutAsync("classes/blau");
        for (int i = 0; i < 20; i++)
            await PutAsync("classes/blau/photos", ColourPhotos.Photo(2, i));
        await TrainAsync();
        Assert.Equal("blau", await ClassifyAsync(ColourPhotos.Photo(2, 999)));
    }

    [Fact]
    public async Task Photos_AddedTwiceReadAndRemoved_AreThereOnceAndThenNot()
    {
        byte[] photo = ColourPhotos.Photo(0, 1);
        await PutAsync("classes/a");
        string name = (await PutAsync("classes/a/photos", photo)).GetProperty("photo").GetString()!;
        Assert.Equal(name, (await PutAsync("classes/a/photos", photo)).GetProperty("photo").GetString());
        Assert.Equal([name], (await SetAsync()).GetProperty("classes")[0].GetProperty("photos").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal([Path.Combine(_photos, "mine", "a", name)], Directory.GetFiles(_photos, "*", SearchOption.AllDirectories));
        Assert.Equal(photo, await _server.Client.GetByteArrayAsync($"/api/training/mine/classes/a/photos/{name}", Token));

        using HttpResponseMessage removed = await _server.Client.DeleteAsync($"/api/training/mine/classes/a/photos/{name}", Token);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Empty(Directory.GetFiles(_photos, "*", SearchOption.AllDirectories));
        await _server.Client.DeleteAsync("/api/training/mine/classes/a", Token);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_photos, "mine")));
    }

    [Theory]
    [InlineData("..%2F..", "classes/a")]
    [InlineData("%2E%2E", "classes/a")]
    [InlineData("mine", "classes/..%2F..%2Fx")]
    [InlineData("mine", "classes/a%5Cb")]
    [InlineData("mine", "classes/.hidden")]
    [InlineData("mine", "classes/a%00b")]
    [InlineData("mine", "classes/CON%3A")]
    [InlineData("mine", "classes/ends%20")]
    public async Task Put_NameThatLeavesTheFolder_IsRefusedAndNothingIsMade(string set, string path)
    {
        using HttpResponseMessage answer = await _server.Client.PutAsync(new Uri($"/api/training/{set}/{path}", UriKind.Relative), null, Token);

        Assert.InRange((int)answer.StatusCode, 400, 404);
        Assert.Empty(Directory.GetFileSystemEntries(_photos, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Put_WhatIsNoPicture_IsRefused()
    {
        await PutAsync("classes/a");
        using HttpResponseMessage answer = await _server.Client.PutAsync("/api/training/mine/classes/a/photos", new ByteArrayContent("no picture"u8.ToArray()), Token);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Empty(Directory.GetFiles(_photos, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Put_PhotoOverTheLimit_IsTooLarge()
    {
        await using Server small = await StartAsync(options => options.MaxImageBytes = 100);
        await small.Client.PutAsync("/api/training/mine/classes/a", null, Token);
        using HttpResponseMessage answer = await small.Client.PutAsync("/api/training/mine/classes/a/photos", new ByteArrayContent(new byte[101]), Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Put_FromAnotherSitesPage_IsNotAllowedByTheBrowsersRules()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/training/mine/classes/a");
        preflight.Headers.Add("Origin", "https://elsewhere.example");
        preflight.Headers.Add("Access-Control-Request-Method", "PUT");
        using HttpResponseMessage answer = await _server.Client.SendAsync(preflight, Token);

        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Get_ByANameThatLeadsHere_IsUnauthorized()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/training");
        request.Headers.Host = "rebound.example:7080";
        using HttpResponseMessage answer = await _server.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Get_WithAKeySet_WantsTheKey()
    {
        await using Server keyed = await StartAsync(options => options.ApiKey = "k");

        Assert.Equal(HttpStatusCode.Unauthorized, (await keyed.Client.GetAsync("/api/training", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await keyed.Client.GetAsync("/api/training?code=k", Token)).StatusCode);
    }

    [Fact]
    public async Task Run_TooFewPhotos_SaysHowManyAreNeeded()
    {
        await AddAsync(3, "a", "b");
        await TrainAsync();

        Assert.Equal(
            "The folder a has 3 usable photos; each class needs 5 at least, better 50.",
            (await SetAsync()).GetProperty("run").GetProperty("problem").GetString());
    }

    [Fact]
    public async Task Models_OfAServerThatTrains_SaysSo() =>
        Assert.True((await _server.Client.GetFromJsonAsync<JsonElement>("/api/models", Token)).GetProperty("training").GetBoolean());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<Server> StartAsync(Action<ResNetFunctions.Api.ResNetOptions>? configure = null) => Server.StartAsync(
        options =>
        {
            (options.ModelsPath, options.DefaultModel, options.CachePath) = (_models.Path, ModelStore.Bundled, "");
            configure?.Invoke(options);
        },
        _photos);

    private async Task AddAsync(int each, params string[] classes)
    {
        for (int c = 0; c < classes.Length; c++)
        {
            await PutAsync($"classes/{Uri.EscapeDataString(classes[c])}");
            for (int i = 0; i < each; i++)
                await PutAsync($"classes/{Uri.EscapeDataString(classes[c])}/photos", ColourPhotos.Photo(c, i));
        }
    }

    private async Task TrainAsync()
    {
        using HttpResponseMessage started = await _server.Client.PutAsync("/api/training/mine/run", null, Token);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while ((await SetAsync()).GetProperty("run").GetProperty("state").GetString() is "extracting" or "fitting")
            await Task.Delay(50, patience.Token);
    }

    private Task<JsonElement> SetAsync() => _server.Client.GetFromJsonAsync<JsonElement>("/api/training/mine", Token);

    private async Task<JsonElement> PutAsync(string path, byte[]? body = null)
    {
        using HttpResponseMessage answer = await _server.Client.PutAsync($"/api/training/mine/{path}", body is null ? null : new ByteArrayContent(body), Token);
        string text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    private async Task<string?> ClassifyAsync(byte[] photo)
    {
        using HttpResponseMessage answer = await _server.Client.PostAsync("/api/classify?model=mine", new ByteArrayContent(photo), Token);
        JsonElement json = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.True(answer.IsSuccessStatusCode, json.GetRawText());
        return json.GetProperty("predictions")[0].GetProperty("label").GetString();
    }
}
