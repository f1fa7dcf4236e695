using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ResNetFunctions.EndToEnd.Page;
using ResNetFunctions.EndToEnd.Worker.Protocol;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The API through the worker: every row of the table of errors, and the routes without a key.</summary>
public sealed class HttpTests(Workers workers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("image/jpeg")]
    [InlineData("application/x-www-form-urlencoded")] // As plain `curl --data-binary` says.
    [InlineData(null)]
    public async Task Classify_OneImage_IsAnsweredWhateverItsContentType(string? type)
    {
        var body = new ByteArrayContent(Workers.Sample);
        body.Headers.TryAddWithoutValidation("Content-Type", type);

        using HttpResponseMessage answer = await (await workers.Default).Client.ClassifyAsync(body, "?top=5");

        JsonElement result = await answer.IsOkAsync();
        Assert.Equal(5, result.GetProperty("predictions").GetArrayLength());
        Assert.Equal("bundled", result.GetProperty("model").GetProperty("weights").GetString());
        Assert.Equal("alp", result.GetProperty("predictions")[0].GetProperty("label").GetString());
    }

    [Fact]
    public async Task Classify_KeyInTheQuery_IsNotLoggedButTheRequestIsAsTheInvocations()
    {
        FunctionsWorker worker = await workers.Default;
        string key = Guid.NewGuid().ToString();

        using HttpResponseMessage answer = await worker.Client.ClassifyAsync(Workers.Sample, "?code=" + key);

        await answer.IsOkAsync();
        string correlationId = answer.Headers.GetValues("x-correlation-id").Single();
        RpcLog? entry;
        while ((entry = worker.LogEntries.FirstOrDefault(entry => entry.Message.Contains(correlationId, StringComparison.Ordinal))) is null)
            await Task.Delay(10, Cancelled);
        Assert.NotEmpty(entry.InvocationId); // else the host drops it
        Assert.DoesNotContain(worker.Log, line => line.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Classify_Form_AnswersEachFileInOrder()
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Workers.Sample), "a", "a.jpg" },
            { new ByteArrayContent("text"u8.ToArray()), "b", "b.jpg" },
        };

        using HttpResponseMessage answer = await (await workers.Default).Client.ClassifyAsync(form);

        JsonElement results = (await answer.IsOkAsync()).GetProperty("results");
        Assert.Equal("classified", results[0].GetProperty("status").GetString());
        Assert.Equal("unsupported-format", results[1].GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("", "", 400, "empty-body")]
    [InlineData("?top=0", "text", 400, "bad-parameter")]
    [InlineData("?model=none", "text", 404, "unknown-model")]
    [InlineData("?model=../models/resnet18", "text", 404, "unknown-model")]
    [InlineData("", "text", 415, "unsupported-format")]
    [InlineData("", "\u00FF\u00D8\u00FF\u00E0 a JPEG's first bytes, and no more of it", 422, "corrupt-image")]
    public async Task Classify_BadRequest_IsAProblem(string query, string latin1, int status, string code)
    {
        // Parameters are looked at with an image that is one.
        byte[] body = query.Length > 0 ? Workers.Sample : Encoding.Latin1.GetBytes(latin1);

        using HttpResponseMessage answer = await (await workers.Default).Client.ClassifyAsync(body, query);

        await answer.IsProblemAsync(status, code);
    }

    [Fact]
    public async Task Classify_CutOffForm_IsBadMultipart()
    {
        var body = new ByteArrayContent("--b\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\nabc"u8.ToArray());
        body.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");

        using HttpResponseMessage answer = await (await workers.Default).Client.ClassifyAsync(body);

        await answer.IsProblemAsync(400, "bad-multipart");
    }

    [Fact]
    public async Task Classify_MoreThanTheQueueHolds_IsOverloadedAndSaysWhenToRetry()
    {
        HttpClient client = (await workers.Narrow).Client;
        HttpResponseMessage? refused = null;
        for (int round = 0; refused is null && round < 20; round++)
        {
            HttpResponseMessage[] answers = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(_ => client.ClassifyAsync(Workers.Sample)));
            Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
            refused = answers.FirstOrDefault(answer => answer.StatusCode != HttpStatusCode.OK);
        }

        await refused!.IsProblemAsync(503, "overloaded");
        Assert.True(refused!.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Classify_FailureThatNobodyForesaw_IsAnInternalErrorAndTheWorkerStays()
    {
        DirectoryInfo broken = Directory.CreateTempSubdirectory("resnet-worker-app-");
        try
        {
            await PublishedApp.CopyAsync(broken.FullName, except: "libSkiaSharp.so");
            await using FunctionsWorker worker = await Workers.StartAsync(broken.FullName);

            using HttpResponseMessage failed = await worker.Client.ClassifyAsync(await File.ReadAllBytesAsync(Pictures.Png("internal-error.png"), Cancelled));
            using HttpResponseMessage alive = await worker.Client.GetAsync("api/health/live", Cancelled);

            await failed.IsProblemAsync(500, "internal-error");
            Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        }
        finally
        {
            broken.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Models_Asked_AreThoseOfTheFolder()
    {
        JsonElement models = await (await workers.Default).Client.GetFromJsonAsync<JsonElement>("api/models", Cancelled);

        Assert.Equal("resnet18-mlnet", models.GetProperty("default").GetString());
        Assert.Equal("resnet18-mlnet", Assert.Single(models.GetProperty("models").EnumerateArray()).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("api/health/live", "application/json")]
    [InlineData("api/health/ready", "application/json")]
    [InlineData("api/openapi.json", "application/json")]
    [InlineData("api/ui", "text/html")]
    public async Task OpenRoutes_Asked_Answer(string path, string type)
    {
        using HttpResponseMessage answer = await (await workers.Default).Client.GetAsync(path, Cancelled);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Page_WithItsFiles_IsWhole()
    {
        HttpClient client = (await workers.Default).Client;
        string page = await client.GetStringAsync("api/ui", Cancelled);
        int start = page.IndexOf("src=\"ui/", StringComparison.Ordinal) + 5;
        string script = page[start..page.IndexOf('"', start)];

        using HttpResponseMessage answer = await client.GetAsync($"api/{script}", Cancelled);

        Assert.Equal("text/javascript", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("api/ui/none/none.js", Cancelled)).StatusCode);
    }
}
