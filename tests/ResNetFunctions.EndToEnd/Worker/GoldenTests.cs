using System.Text.Json;
using System.Text.RegularExpressions;
using ResNetFunctions.EndToEnd.Page;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The worker against <c>resnet serve</c>.</summary>
public sealed partial class GoldenTests(PageServers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Classify_GoldenPhotos_AnswersWhatServeDoesInEveryByte()
    {
        string shared = Path.Combine(PageServers.Root(), "..", "shared");
        string golden = Path.Combine(shared, "reference", "resnet18-trained.golden.json");
        Assert.SkipUnless(File.Exists(golden), "Skipped: ../shared is not here.");
        using var serve = new HttpClient { BaseAddress = (await servers.Trained).Address };
        using var graph = new TemporaryGraph(Path.Combine(shared, "reference", "resnet18-trained.pth"));
        await using FunctionsWorker worker = await Workers.StartAsync(
            ("ResNet__ModelsPath", Path.Combine(PageServers.Root(), "models")), ("ResNet__DefaultModel", "resnet18"), ("ResNet__Weights", graph.Path));

        using JsonDocument reference = JsonDocument.Parse(await File.ReadAllTextAsync(golden, Cancelled));
        string[] photos = [.. reference.RootElement.GetProperty("photos").EnumerateArray().Select(photo => photo.GetProperty("file").GetString()!)];
        Assert.Equal(40, photos.Length);
        foreach (string photo in photos)
        {
            byte[] image = await File.ReadAllBytesAsync(Path.Combine(shared, "photos", photo), Cancelled);
            Assert.Equal((photo, await AnswerAsync(serve, image)), (photo, await AnswerAsync(worker.Client, image)));
        }
    }

    private static async Task<string> AnswerAsync(HttpClient client, byte[] image)
    {
        using HttpResponseMessage answer = await client.ClassifyAsync(image, "?top=1000");
        await answer.IsOkAsync();
        string json = await answer.Content.ReadAsStringAsync(Cancelled);
        Assert.Matches(Timings(), json);
        return $"{answer.Content.Headers.ContentType} {Timings().Replace(json, "")}";
    }

    [GeneratedRegex("""
        "timings":\{[^}]*\}
        """)]
    private static partial Regex Timings();
}
