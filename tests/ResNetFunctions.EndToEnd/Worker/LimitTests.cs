using System.Text;
using System.Text.Json;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>Every size limit at its edge, those of ours and those of the servers that a request comes through.</summary>
public sealed class LimitTests(Workers workers)
{
    // Above Kestrel's default limit, which would be a 500 with an empty body, and at the host's maximum.
    private const int OverKestrels = 30_000_001, Hosts = 104_857_600;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task Classify_ImageAtAndOverMaxImageBytes_IsTakenOrTooLarge(int over, bool chunked)
    {
        HttpClient client = (await workers.Narrow).Client;
        var body = new ByteArrayContent([.. Workers.Sample, .. new byte[over]]);

        using HttpResponseMessage answer = await RetryingAsync(() => chunked ? client.ClassifyChunkedAsync(body) : client.ClassifyAsync(body));

        await (over == 0 ? answer.IsOkAsync() : answer.IsProblemAsync(413, "too-large"));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task Classify_FormAtAndOverMaxRequestBytes_IsTakenOrTooLarge(int over, bool chunked)
    {
        HttpClient client = (await workers.Narrow).Client;
        MultipartFormDataContent body = FormOf(Workers.NarrowRequestBytes + over);

        using HttpResponseMessage answer = await RetryingAsync(() => chunked ? client.ClassifyChunkedAsync(body) : client.ClassifyAsync(body));

        await (over == 0 ? answer.IsOkAsync() : answer.IsProblemAsync(413, "too-large"));
    }

    [Theory]
    [InlineData(Workers.SamplePixels, true)]
    [InlineData(Workers.SamplePixels + 1, false)]
    public async Task Classify_ImageAtAndOverMaxImagePixels_IsTakenOrTooManyPixels(int pixels, bool taken)
    {
        HttpClient client = (await workers.Narrow).Client;
        using var image = new Image<L8>(pixels, 1);
        using var file = new MemoryStream();
        await image.SaveAsPngAsync(file, Cancelled);

        using HttpResponseMessage answer = await RetryingAsync(() => client.ClassifyAsync(file.ToArray()));

        await (taken ? answer.IsOkAsync() : answer.IsProblemAsync(422, "too-many-pixels"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Classify_OverKestrelsDefault_IsTooLargeAsOurOwnLimitSays(bool chunked)
    {
        HttpClient client = (await workers.Default).Client;
        var body = new ByteArrayContent(new byte[OverKestrels]);

        using HttpResponseMessage answer = await (chunked ? client.ClassifyChunkedAsync(body) : client.ClassifyAsync(body));

        JsonElement problem = await answer.IsProblemAsync(413, "too-large");
        Assert.Contains("20,971,520", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Classify_AsMuchAsTheHostTakes_ComesThroughWhole()
    {
        await using FunctionsWorker worker = await Workers.StartAsync(
            ("ResNet__MaxImageBytes", $"{Hosts}"), ("ResNet__MaxRequestBytes", $"{Hosts}"));
        byte[] text = new byte[Hosts + 1];
        "No picture at all."u8.CopyTo(text);

        using HttpResponseMessage whole = await worker.Client.ClassifyAsync(new ByteArrayContent(text, 0, Hosts));
        using HttpResponseMessage more = await worker.Client.ClassifyAsync(new ByteArrayContent(text));

        await whole.IsProblemAsync(415, "unsupported-format");
        await more.IsProblemAsync(413, "too-large");
    }

    // The narrow worker has one place and no queue, and other tests use it too.
    private static async Task<HttpResponseMessage> RetryingAsync(Func<Task<HttpResponseMessage>> send)
    {
        while (true)
        {
            HttpResponseMessage answer = await send();
            if (answer.Headers.RetryAfter is null)
                return answer;
            answer.Dispose();
            await Task.Delay(50, Cancelled);
        }
    }

    private static MultipartFormDataContent FormOf(int length)
    {
        MultipartFormDataContent Form(int padding) => new("b")
        {
            { new ByteArrayContent(Workers.Sample), "file", "a.jpg" },
            { new ByteArrayContent(Encoding.ASCII.GetBytes(new string('-', padding))), "padding" },
        };
        return Form(length - (int)Form(0).Headers.ContentLength!.Value);
    }
}
