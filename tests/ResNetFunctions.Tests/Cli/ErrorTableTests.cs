using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Hosting;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Inference;
using ResNetFunctions.Tests.Imaging.Decoding;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;

namespace ResNetFunctions.Tests.Cli;

/// <summary>Every error over HTTP, with each decoder.</summary>
public sealed class ErrorTableTests
{
    private const int Limit = 100_000;

    private static readonly Dictionary<string, Row> Rows = new()
    {
        ["no bytes"] = new(400, ErrorCode.EmptyBody, () => Post([])),
        ["top of 0"] = new(400, ErrorCode.BadParameter, () => Post(TestImages.Jpeg, "?top=0")),
        ["top of 1001"] = new(400, ErrorCode.BadParameter, () => Post(TestImages.Jpeg, "?top=1001")),
        ["top below 0"] = new(400, ErrorCode.BadParameter, () => Post(TestImages.Jpeg, "?top=-3")),
        ["top in words"] = new(400, ErrorCode.BadParameter, () => Post(TestImages.Jpeg, "?top=three")),
        ["a form without files"] = new(400, ErrorCode.BadMultipart, () => Form(new StringContent("3"))),
        ["17 files"] = new(400, ErrorCode.BadMultipart, () => Form([.. Enumerable.Range(0, 17).Select(i => File([1], $"{i}.jpg"))])),
        ["a form that is cut off"] = new(400, ErrorCode.BadMultipart, () => Post(
            "--b\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\nabc"u8.ToArray(), "", "multipart/form-data; boundary=b")),
        ["a form without a boundary"] = new(400, ErrorCode.BadMultipart, () => Post([1, 2], "", "multipart/form-data")),
        ["JSON that is cut off"] = new(400, ErrorCode.BadJson, () => Post("""{"image": "AAAA"""u8.ToArray(), "", "application/json")),
        ["base64 that is none"] = new(400, ErrorCode.BadJson, () => Post("""{"image": "no base64!"}"""u8.ToArray(), "", "application/json")),
        ["a language that is not there"] = new(400, ErrorCode.BadParameter, () => Post(TestImages.Jpeg, "?lang=fr")),
        ["no key"] = new(401, ErrorCode.Unauthorized, () => Post(TestImages.Jpeg), o => o.ApiKey = "secret"),
        ["another key"] = new(401, ErrorCode.Unauthorized, () => Post(TestImages.Jpeg, "?code=other"), o => o.ApiKey = "secret"),
        ["a model of no name"] = new(404, ErrorCode.UnknownModel, () => Post(TestImages.Jpeg, "?model=none")),
        ["a path for a model"] = new(404, ErrorCode.UnknownModel, () => Post(TestImages.Jpeg, "?model=../models/resnet18")),
        ["an image over the limit"] = new(413, ErrorCode.TooLarge, () => Post(new byte[Limit + 1]), o => o.MaxImageBytes = Limit),
        ["an image over the limit, unannounced"] = new(413, ErrorCode.TooLarge, () => Chunked(Post(new byte[Limit + 1])),
            o => o.MaxImageBytes = Limit),
        ["a request over the limit"] = new(413, ErrorCode.TooLarge, () => Form(File(new byte[Limit], "a.jpg")), o => o.MaxRequestBytes = Limit),
        ["a request over the limit, unannounced"] = new(413, ErrorCode.TooLarge,
            () => Chunked(Form(File(new byte[Limit], "a.jpg"))), o => o.MaxRequestBytes = Limit),
        ["a text called .jpg"] = new(415, ErrorCode.UnsupportedFormat, () => Post("I am called picture.jpg"u8.ToArray(), "", "image/jpeg")),
        ["a TIFF file"] = new(415, ErrorCode.UnsupportedFormat, () => Post("II*\0and more"u8.ToArray(), "", "image/tiff")),
        ["a damaged PNG"] = new(422, ErrorCode.CorruptImage, () => Post(Damaged(TestImages.Encode(new PngEncoder(), 64, 48)))),
        ["half a PNG"] = new(422, ErrorCode.CorruptImage, () => Post(Half(TestImages.Encode(new PngEncoder(), 64, 48)))),
        ["half a WebP"] = new(422, ErrorCode.CorruptImage, () => Post(Half(TestImages.Encode(new WebpEncoder(), 64, 48)))),
        ["half a GIF"] = new(422, ErrorCode.CorruptImage, () => Post(Half(TestImages.Encode(new GifEncoder(), 64, 48)))),
        ["half a BMP"] = new(422, ErrorCode.CorruptImage, () => Post(Half(TestImages.Encode(new BmpEncoder(), 64, 48)))),
        ["50,000 x 50,000 pixels"] = new(422, ErrorCode.TooManyPixels, () => Post(TestImages.HugePng)),
        ["more pixels than the setting"] = new(422, ErrorCode.TooManyPixels, () => Post(TestImages.Jpeg), o => o.MaxImagePixels = 320 * 240 - 1),
        ["a full queue"] = new(503, ErrorCode.Overloaded, () => Post(TestImages.Jpeg), o => (o.MaxConcurrency, o.MaxQueue) = (1, 0), AdmitOneAsync),
        ["too long a wait"] = new(503, ErrorCode.Overloaded, () => Post(TestImages.Jpeg),
            o => (o.MaxConcurrency, o.QueueTimeout) = (1, TimeSpan.FromMilliseconds(30)), AdmitOneAsync),
        ["no weights"] = new(503, ErrorCode.ModelUnavailable, () => Post(TestImages.Jpeg, "?model=squeezenet1_1")),
        ["weights that can't be read"] = new(503, ErrorCode.ModelUnavailable, () => Post(TestImages.Jpeg, "?model=broken")),
        ["answers that are no numbers"] = new(503, ErrorCode.ModelUnavailable, () => Post(TestImages.Jpeg, "?model=nan")),
        ["a failure that nobody foresaw"] = new(500, ErrorCode.InternalError, () => Post(TestImages.Jpeg), null, server =>
        {
            server.Classifier.Dispose();
            return Task.FromResult<IDisposable?>(null);
        }),
    };

    public static MatrixTheoryData<string, ImageDecoder> Table => new(Rows.Keys, Decoders.Names.Select(row => row.Data));

    public static TheoryData<ImageDecoder> EachDecoder => Decoders.Names;

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Classify_EachRowOfTheTable_IsItsProblem(string what, ImageDecoder decoder)
    {
        Row row = Rows[what];
        using var models = new ModelsFolder();
        models.AddTiny("tiny").AddTiny("nan", new() { NotANumber = true }).Add("broken", "broken.onnx", "no graph"u8.ToArray())
            .Add("squeezenet1_1", "squeezenet1_1.pth", null, new() { ["architecture"] = "squeezenet1_1" });
        await using Server server = await Server.StartAsync(options =>
        {
            (options.ModelsPath, options.DefaultModel, options.Decoder) = (models.Path, "tiny", decoder);
            row.Settings?.Invoke(options);
        });
        using IDisposable? held = row.Before is null ? null : await row.Before(server);
        using HttpRequestMessage request = row.Request();

        using HttpResponseMessage response = await server.Client.SendAsync(request, Cancelled);

        await AssertProblemAsync(response, row.Status, row.Code, models.Path);
        Assert.Equal(row.Code == ErrorCode.Overloaded, response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Rows_Together_HaveEveryCode()
    {
        IEnumerable<string> codes = typeof(ErrorCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!);

        Assert.Equal(codes.Order(), Rows.Values.Select(row => row.Code).Append(ErrorCode.Misconfigured).Append(ErrorCode.UnknownBackfill).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(EachDecoder))]
    public async Task Classify_JpegCutAtEachTenth_IsCorrupt(ImageDecoder decoder)
    {
        await using Server server = await Server.StartAsync(o => o.Decoder = decoder);
        for (int tenth = 1; tenth < 10; tenth++)
        {
            using HttpRequestMessage request = Post(TestImages.Jpeg[..(TestImages.Jpeg.Length * tenth / 10)], "", "image/jpeg");
            using HttpResponseMessage response = await server.Client.SendAsync(request, Cancelled);
            await AssertProblemAsync(response, 422, ErrorCode.CorruptImage);
        }
    }

    [Theory]
    [MemberData(nameof(EachDecoder))]
    public async Task Classify_WebPSentAsPng_IsAnsweredForItsBytes(ImageDecoder decoder)
    {
        await using Server server = await Server.StartAsync(o => o.Decoder = decoder);
        using HttpRequestMessage request = Post(TestImages.Encode(new WebpEncoder(), 40, 30), "", "image/png");

        using HttpResponseMessage response = await server.Client.SendAsync(request, Cancelled);

        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal("webp", answer.GetProperty("image").GetProperty("format").GetString());
    }

    [Theory]
    [MemberData(nameof(EachDecoder))]
    public async Task Classify_BadFilesOfAForm_AreRejectedAndTheOthersAnswered(ImageDecoder decoder)
    {
        await using Server server = await Server.StartAsync(o => (o.Decoder, o.MaxImageBytes) = (decoder, Limit));
        (byte[] Bytes, string? Code)[] files =
        [
            (TestImages.Jpeg, null), ([], ErrorCode.EmptyBody), ("text"u8.ToArray(), ErrorCode.UnsupportedFormat),
            (Half(TestImages.Jpeg), ErrorCode.CorruptImage), (TestImages.HugePng, ErrorCode.TooManyPixels),
            (new byte[Limit + 1], ErrorCode.TooLarge), (TestImages.Jpeg, null),
        ];
        using HttpRequestMessage request = Form([.. files.Select((file, i) => File(file.Bytes, $"{i}.jpg"))]);

        using HttpResponseMessage response = await server.Client.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonElement results = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("results");
        Assert.Equal(
            files.Select((file, i) => ($"{i}.jpg", file.Code is null ? "classified" : "rejected", file.Code)),
            results.EnumerateArray().Select(result => (
                result.GetProperty("file").GetString()!, result.GetProperty("status").GetString()!,
                result.TryGetProperty("error", out JsonElement error) ? error.GetProperty("code").GetString() : null)));
    }

    // As the Functions app runs it: with invalid settings it starts all the same, and every handler says so.
    [Theory]
    [MemberData(nameof(EachDecoder))]
    public async Task AnyRoute_InvalidSettings_IsMisconfigured(ImageDecoder decoder)
    {
        var options = new ResNetOptions { Decoder = decoder, MaxConcurrency = 0 };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddResNet(options, new Lazy<Classifier>(() => new Classifier(options)));
        await using WebApplication app = builder.Build();
        app.MapResNet(options);
        await app.StartAsync(Cancelled);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        foreach (HttpRequestMessage request in (HttpRequestMessage[])
            [Post(TestImages.Jpeg), Form(File(TestImages.Jpeg, "a.jpg")), Get("/api/models"), Get("/api/health/ready")])
        {
            using (request)
            {
                using HttpResponseMessage response = await client.SendAsync(request, Cancelled);
                await AssertProblemAsync(response, 503, ErrorCode.Misconfigured);
            }
        }
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/health/live", Cancelled)).StatusCode);
    }

    [Theory]
    [MemberData(nameof(EachDecoder))]
    public async Task Serve_PngThatAnnouncesTenGigabytes_TakesNoMemory(ImageDecoder decoder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Skipped: the peak of a process's memory is read from /proc.");
        Assert.SkipWhen(decoder == ImageDecoder.ImageSharp && ResNet.IsPublished, "Skipped: a native resnet has no ImageSharp.");
        using var models = new ModelsFolder();
        models.AddTiny("tiny");
        await using ServeProcess serve = await ServeProcess.StartAsync(
            ("ResNet__ModelsPath", models.Path), ("ResNet__DefaultModel", "tiny"), ("ResNet__Decoder", decoder.ToString()));
        await AskAsync(TestImages.Jpeg, HttpStatusCode.OK);
        await AskAsync(TestImages.HugePng, HttpStatusCode.UnprocessableEntity);
        long before = serve.PeakBytes;

        for (int i = 0; i < 50; i++)
            await AskAsync(TestImages.HugePng, HttpStatusCode.UnprocessableEntity);

        Assert.InRange(serve.PeakBytes - before, 0, 16 << 20);

        async Task AskAsync(byte[] image, HttpStatusCode expected)
        {
            using HttpResponseMessage response = await serve.Client.PostAsync("/api/classify", new ByteArrayContent(image), Cancelled);
            Assert.Equal(expected, response.StatusCode);
        }
    }

#if !IMAGESHARP
    [Fact]
    public void Create_DecoderThatIsNotBuilt_IsMisconfigured()
    {
        var e = Assert.Throws<UnavailableException>(() => new Classifier(new ClassifierOptions { Decoder = ImageDecoder.ImageSharp }));

        Assert.Equal((ErrorCode.Misconfigured, "This build has no ImageSharp decoder."), (e.Code, e.Message));
    }
#endif

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task AssertProblemAsync(HttpResponseMessage response, int status, string code, string? secret = null)
    {
        string body = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        JsonElement problem = JsonElement.Parse(body);
        Assert.Equal((status, code), (problem.GetProperty("status").GetInt32(), problem.GetProperty("code").GetString()));
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", body, StringComparison.Ordinal);
        Assert.DoesNotContain(secret ?? AppContext.BaseDirectory, body, StringComparison.Ordinal);
        Assert.True(response.Headers.Contains("x-correlation-id"));
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    private static HttpRequestMessage Post(byte[] body, string query = "", string type = "application/x-www-form-urlencoded")
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return new HttpRequestMessage(HttpMethod.Post, "/api/classify" + query) { Content = content };
    }

    private static HttpRequestMessage Form(params HttpContent[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (HttpContent part in parts)
        {
            if (part.Headers.ContentDisposition is null)
                form.Add(part, "field");
            else
                form.Add(part);
        }
        return new HttpRequestMessage(HttpMethod.Post, "/api/classify") { Content = form };
    }

    private static ByteArrayContent File(byte[] bytes, string name) => new(bytes)
    {
        Headers = { ContentDisposition = new("form-data") { Name = "file", FileName = name } },
    };

    private static HttpRequestMessage Chunked(HttpRequestMessage request)
    {
        request.Headers.TransferEncodingChunked = true;
        return request;
    }

    private static byte[] Half(byte[] image) => image[..(image.Length / 2)];

    private static byte[] Damaged(byte[] image)
    {
        image[image.Length / 2] ^= 0x55;
        return image;
    }

    private static async Task<IDisposable?> AdmitOneAsync(Server server) => await server.Classifier.AdmitAsync(cancellationToken: Cancelled);

    private sealed record Row(
        int Status, string Code, Func<HttpRequestMessage> Request, Action<ResNetOptions>? Settings = null,
        Func<Server, Task<IDisposable?>>? Before = null);
}
