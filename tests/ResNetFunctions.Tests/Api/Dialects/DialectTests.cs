using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Api;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Tests.Cli;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Api.Dialects;

/// <summary>What all dialects share: the same answer, the same limits, their own errors.</summary>
public sealed class DialectTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. DialectClient.All.Keys];

    /// <summary>Bad requests, and each dialect's status.</summary>
    public static MatrixTheoryData<string, string> Faults => new(DialectClient.All.Keys, Requests.Keys);

    private static readonly Dictionary<string, (string Code, byte[] Image, string Model, Action<ResNetOptions>? Settings)> Requests = new()
    {
        ["no bytes"] = (ErrorCode.EmptyBody, [], "tiny", null),
        ["a text"] = (ErrorCode.UnsupportedFormat, "no picture"u8.ToArray(), "tiny", null),
        ["half a picture"] = (ErrorCode.CorruptImage, TestImages.Jpeg[..1000], "tiny", null),
        ["many pixels"] = (ErrorCode.TooManyPixels, TestImages.HugePng, "tiny", null),
        ["many bytes"] = (ErrorCode.TooLarge, TestImages.Jpeg, "tiny", o => o.MaxImageBytes = 100),
        ["a model of no name"] = (ErrorCode.UnknownModel, TestImages.Jpeg, "none", o => o.DefaultModel = "none"),
        ["a model that can't be read"] = (ErrorCode.ModelUnavailable, TestImages.Jpeg, "broken", o => o.DefaultModel = "broken"),
        ["numbers that are none"] = (ErrorCode.ModelUnavailable, TestImages.Jpeg, "nan", o => o.DefaultModel = "nan"),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Best_OfAPicture_IsTheClassifiersAnswer(string name)
    {
        using var models = new ModelsFolder();
        models.AddTiny("tiny");
        await using Server server = await StartAsync(models);

        JsonElement answer = await AskAsync(server, DialectClient.All[name].Ask(TestImages.Plain(0, 255, 0), "tiny"));

        Assert.Contains(DialectClient.All[name].Best(answer), (string[])["green", "1"]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Best_OfTheGoldenPhotos_IsTheGoldenOne(string name)
    {
        string golden = SharedFolder.PathOf("reference", "resnet18-trained.golden.json");
        await using Server server = await Server.StartAsync(o => o.Weights = SharedFolder.PathOf("reference", "resnet18-trained.pth"));
        using JsonDocument reference = JsonDocument.Parse(await File.ReadAllTextAsync(golden, Cancelled));
        string[] labels = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "models", "imagenet-1k.tsv"))
            .Where(line => line[0] != '#').Select(line => line.Split('\t')[2])];

        int count = 0;
        foreach (JsonElement photo in reference.RootElement.GetProperty("photos").EnumerateArray())
        {
            byte[] image = await File.ReadAllBytesAsync(SharedFolder.PathOf("photos", photo.GetProperty("file").GetString()!), Cancelled);
            int best = photo.GetProperty("top5")[0][0].GetInt32();
            JsonElement answer = await AskAsync(server, DialectClient.All[name].Ask(image, "resnet18"));
            Assert.Contains(DialectClient.All[name].Best(answer), (string[])[labels[best], $"{best}"]);
            count++;
        }
        Assert.Equal(40, count);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_OfARequest_IsTheDialectsErrorWithOurCode(string name, string what)
    {
        var (code, image, model, settings) = Requests[what];
        using var models = new ModelsFolder();
        models.AddTiny("tiny").AddTiny("nan", new() { NotANumber = true }).Add("broken", "broken.onnx", "no graph"u8.ToArray());
        await using Server server = await StartAsync(models, settings);

        using HttpResponseMessage response = await server.Client.SendAsync(DialectClient.All[name].Ask(image, model), Cancelled);

        string text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal(code, DialectClient.ReasonOf(JsonElement.Parse(text)));
        int expected = code switch
        {
            ErrorCode.UnknownModel => 404,
            ErrorCode.ModelUnavailable => 503,
            ErrorCode.TooLarge => name is "Custom Vision" or "Azure AI Vision" ? 400 : 413,
            _ => 400,
        };
        Assert.Equal((expected, "application/json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.DoesNotContain(models.Path, text, StringComparison.Ordinal);
        Assert.True(response.Headers.Contains("x-correlation-id"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Key_InTheDialectsHeaderOrOurs_Opens(string name)
    {
        DialectClient client = DialectClient.All[name];
        await using Server server = await Tiny.StartAsync(o => o.ApiKey = "a secret");
        HttpRequestMessage New() => client.Ask(Tiny.Picture, "tiny");
        using HttpRequestMessage without = New(), wrong = New(), own = New(), ours = New(), inQuery = New();
        client.AddKey(wrong, "a secre");
        client.AddKey(own, "a secret");
        ours.Headers.Add("x-functions-key", "a secret");
        inQuery.RequestUri = new Uri(inQuery.RequestUri + (inQuery.RequestUri!.OriginalString.Contains('?') ? "&" : "?") + "code=a+secret", UriKind.Relative);

        foreach (HttpRequestMessage refused in (HttpRequestMessage[])[without, wrong, inQuery])
        {
            using HttpResponseMessage response = await server.Client.SendAsync(refused, Cancelled);
            Assert.Equal(401, (int)response.StatusCode);
            Assert.Equal(ErrorCode.Unauthorized, DialectClient.ReasonOf(await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)));
        }
        foreach (HttpRequestMessage taken in (HttpRequestMessage[])[own, ours])
            await AskAsync(server, taken);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Request_OneTooMany_IsOverloadedAndSaysWhenToRetry(string name)
    {
        await using Server server = await Tiny.StartAsync(o => (o.MaxConcurrency, o.MaxQueue) = (1, 0));
        using Admission running = await server.Classifier.AdmitAsync(cancellationToken: Cancelled);

        using HttpResponseMessage response = await server.Client.SendAsync(DialectClient.All[name].Ask(Tiny.Picture, "tiny"), Cancelled);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal(ErrorCode.Overloaded, DialectClient.ReasonOf(await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)));
    }

    [Theory]
    [InlineData("/v2")]
    [InlineData("/v2/health/live")]
    [InlineData("/v2/health/ready")]
    [InlineData("/v2/models/tiny")]
    [InlineData("/v2/models/tiny/ready")]
    [InlineData("/v1/models/tiny")]
    [InlineData("/ping")]
    public async Task Probe_WithoutTheKey_IsAnswered(string path)
    {
        await using Server server = await Tiny.StartAsync(o => o.ApiKey = "a secret");

        await AskAsync(server, new HttpRequestMessage(HttpMethod.Get, path));
    }

    [Fact]
    public async Task Language_OfTheSettings_IsTheLabels()
    {
        using var models = new ModelsFolder();
        models.AddTiny("tiny");
        await File.WriteAllTextAsync(models.PathOf("tiny.zh.tsv"), "0\tr\t红\n1\tg\t绿\n2\tb\t蓝\n", Cancelled);
        await using Server server = await StartAsync(models, o => o.Language = "zh");

        foreach (string name in DialectClient.All.Keys)
        {
            JsonElement answer = await AskAsync(server, DialectClient.All[name].Ask(TestImages.Plain(0, 255, 0), "tiny"));
            Assert.Contains(DialectClient.All[name].Best(answer), (string[])["绿", "1"]);
        }
    }

    private static Task<Server> StartAsync(ModelsFolder models, Action<ResNetOptions>? configure = null) => Server.StartAsync(options =>
    {
        (options.ModelsPath, options.DefaultModel, options.CachePath) = (models.Path, "tiny", "");
        configure?.Invoke(options);
    });

    private static async Task<JsonElement> AskAsync(Server server, HttpRequestMessage request)
    {
        using HttpResponseMessage response = await server.Client.SendAsync(request, Cancelled);
        string text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }
}
