using System.IO.Hashing;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ResNetFunctions.Inference;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace ResNetFunctions.Tests.Cli;

public sealed class ServeTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Classify_Untrained_AnswersAndSaysSo()
    {
        await using Server server = await Server.StartAsync();

        JsonElement answer = await PostAsync(server, Jpeg(), "?top=5", HttpStatusCode.OK);

        Assert.False(answer.GetProperty("model").GetProperty("trained").GetBoolean());
        Assert.Equal("generated", answer.GetProperty("model").GetProperty("weights").GetString());
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
    public async Task Classify_RequireTrained_IsModelUnavailable()
    {
        await using Server server = await Server.StartAsync(o =>
        {
            o.RequireTrained = true;
            o.CachePath = "";
        });

        await ProblemAsync(server, Jpeg(), "", HttpStatusCode.ServiceUnavailable, ErrorCode.ModelUnavailable);
    }

    [Theory]
    [InlineData("", 400, ErrorCode.EmptyBody)]
    [InlineData("hello, I am called picture.jpg", 415, ErrorCode.UnsupportedFormat)]
    public async Task Classify_NoImage_IsAProblem(string body, int status, string code)
    {
        await using Server server = await Server.StartAsync();

        await ProblemAsync(server, Encoding.UTF8.GetBytes(body), "", (HttpStatusCode)status, code);
    }

    [Theory]
    [InlineData("?top=0", 400, ErrorCode.BadParameter)]
    [InlineData("?top=1001", 400, ErrorCode.BadParameter)]
    [InlineData("?top=three", 400, ErrorCode.BadParameter)]
    [InlineData("?model=none", 404, ErrorCode.UnknownModel)]
    [InlineData("?model=../models/resnet18", 404, ErrorCode.UnknownModel)]
    public async Task Classify_BadParameter_IsAProblem(string query, int status, string code)
    {
        await using Server server = await Server.StartAsync();

        await ProblemAsync(server, Jpeg(), query, (HttpStatusCode)status, code);
    }

    [Theory]
    [InlineData(ImageDecoder.Skia)]
    [InlineData(ImageDecoder.ImageSharp)]
    public async Task Classify_CutAtEachTenth_IsCorrupt(ImageDecoder decoder)
    {
        await using Server server = await Server.StartAsync(o => o.Decoder = decoder);
        await PostAsync(server, Jpeg(), "", HttpStatusCode.OK);
        byte[] image = Jpeg();

        for (int tenth = 1; tenth < 10; tenth++)
            await ProblemAsync(server, image[..(image.Length * tenth / 10)], "", HttpStatusCode.UnprocessableEntity, ErrorCode.CorruptImage);
    }

    [Fact]
    public async Task Classify_ChunkedOverTheLimit_IsTooLarge()
    {
        await using Server server = await Server.StartAsync(o => o.MaxImageBytes = 100_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/classify")
        {
            Content = new StreamContent(new MemoryStream(new byte[150_000])),
        };
        request.Headers.TransferEncodingChunked = true;

        using HttpResponseMessage response = await server.Client.SendAsync(request, Cancelled);

        await AssertProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, ErrorCode.TooLarge);
    }

    [Fact]
    public async Task Classify_TooManyPixels_IsDecidedFromTheHeader()
    {
        await using Server server = await Server.StartAsync(o => o.MaxImagePixels = 1000);

        await ProblemAsync(server, Jpeg(), "", HttpStatusCode.UnprocessableEntity, ErrorCode.TooManyPixels);
    }

    [Theory]
    [InlineData(ImageDecoder.Skia)]
    [InlineData(ImageDecoder.ImageSharp)]
    public async Task Classify_PngThatAnnounces50000Squared_IsTooManyPixels(ImageDecoder decoder)
    {
        await using Server server = await Server.StartAsync(o => o.Decoder = decoder);

        await ProblemAsync(server, HugePng(), "", HttpStatusCode.UnprocessableEntity, ErrorCode.TooManyPixels);
    }

    [Theory]
    [InlineData(ImageDecoder.Skia)]
    [InlineData(ImageDecoder.ImageSharp)]
    public async Task Classify_WebPSentAsPng_IsAnsweredForItsBytes(ImageDecoder decoder)
    {
        await using Server server = await Server.StartAsync(o => o.Decoder = decoder);
        using var image = new Image<Rgb24>(40, 30);
        using var file = new MemoryStream();
        await image.SaveAsWebpAsync(file, Cancelled);
        using var content = new ByteArrayContent(file.ToArray());
        content.Headers.ContentType = new("image/png");

        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", content, Cancelled);

        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal("webp", answer.GetProperty("image").GetProperty("format").GetString());
    }

    [Fact]
    public async Task Classify_Multipart_AnswersEachFileInOrder()
    {
        await using Server server = await Server.StartAsync();
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Jpeg()), "a", "a.jpg" },
            { new ByteArrayContent("text"u8.ToArray()), "b", "b.jpg" },
        };

        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", form, Cancelled);
        JsonElement results = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("results");

        Assert.Equal("classified", results[0].GetProperty("status").GetString());
        Assert.Equal("b.jpg", results[1].GetProperty("file").GetString());
        Assert.Equal("unsupported-format", results[1].GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Classify_MultipartWithoutFiles_IsBadMultipart()
    {
        await using Server server = await Server.StartAsync();
        using var form = new MultipartFormDataContent { { new StringContent("3"), "top" } };

        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", form, Cancelled);

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, ErrorCode.BadMultipart);
    }

    [Fact]
    public async Task Classify_SeventeenFiles_IsBadMultipart()
    {
        await using Server server = await Server.StartAsync();
        using var form = new MultipartFormDataContent();
        for (int i = 0; i < 17; i++)
            form.Add(new ByteArrayContent("text"u8.ToArray()), "file", $"{i}.jpg");

        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", form, Cancelled);

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, ErrorCode.BadMultipart);
    }

    [Fact]
    public async Task Classify_CutOffMultipart_IsBadMultipart()
    {
        await using Server server = await Server.StartAsync();
        using var content = new ByteArrayContent("--b\r\nContent-Disposition: form-data; name=a; filename=a\r\n\r\nabc"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");

        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", content, Cancelled);

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, ErrorCode.BadMultipart);
    }

    [Fact]
    public async Task Classify_OneFileTooLarge_AnswersTheOthers()
    {
        await using Server server = await Server.StartAsync(o => o.MaxImageBytes = 100_000);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(new byte[150_000]), "a", "a.jpg" },
            { new ByteArrayContent(Jpeg()), "b", "b.jpg" },
        };

        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", form, Cancelled);
        JsonElement results = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("results");

        Assert.Equal("too-large", results[0].GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("classified", results[1].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Classify_FormOverTheRequestsLimit_IsTooLargeThoughUnannounced()
    {
        await using Server server = await Server.StartAsync(o => o.MaxRequestBytes = 100_000);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[150_000]), "a", "a.jpg" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/classify") { Content = form };
        request.Headers.TransferEncodingChunked = true;

        using HttpResponseMessage response = await server.Client.SendAsync(request, Cancelled);

        await AssertProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, ErrorCode.TooLarge);
    }

    [Fact]
    public void Classifier_InvalidSettings_IsMisconfigured()
    {
        var e = Assert.Throws<UnavailableException>(() => new Classifier(new ClassifierOptions { Top = 0, MaxConcurrency = 0 }));

        Assert.Equal(ErrorCode.Misconfigured, e.Code);
        Assert.Contains("MaxConcurrency", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classify_WithAKeySet_AsksForIt()
    {
        await using Server server = await Server.StartAsync(o => o.ApiKey = "secret");

        await ProblemAsync(server, Jpeg(), "", HttpStatusCode.Unauthorized, ErrorCode.Unauthorized);
        await ProblemAsync(server, Jpeg(), "?code=other", HttpStatusCode.Unauthorized, ErrorCode.Unauthorized);
        await PostAsync(server, Jpeg(), "?code=secret", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Classify_FullQueue_IsOverloadedAndSaysWhenToRetry()
    {
        await using Server server = await Server.StartAsync(o => (o.MaxConcurrency, o.MaxQueue) = (1, 0));
        using Admission held = await server.Classifier.AdmitAsync(cancellationToken: Cancelled);

        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", new ByteArrayContent(Jpeg()), Cancelled);

        await AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable, ErrorCode.Overloaded);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task ModelsAndHealth_AnswerWithoutAKey()
    {
        await using Server server = await Server.StartAsync(o => o.ApiKey = "secret");

        JsonElement models = await server.Client.GetFromJsonAsync<JsonElement>("/api/models", Cancelled);
        Assert.Equal("resnet18", models.GetProperty("default").GetString());
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

    private static async Task ProblemAsync(Server server, byte[] image, string query, HttpStatusCode status, string code)
    {
        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify" + query, new ByteArrayContent(image), Cancelled);
        await AssertProblemAsync(response, status, code);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal(code, problem.GetProperty("code").GetString());
    }

    // 50,000 x 50,000 RGB pixels in a few bytes; as RGBX they would be 10 GB.
    private static byte[] HugePng() =>
    [
        0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n',
        .. Chunk([.. "IHDR"u8, 0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50, 8, 2, 0, 0, 0]),
        .. Chunk([.. "IDAT"u8, .. new byte[100]]),
        .. Chunk([.. "IEND"u8]),
    ];

    private static byte[] Chunk(byte[] typeAndData)
    {
        byte[] checksum = Crc32.Hash(typeAndData);
        Array.Reverse(checksum);
        return [0, 0, 0, (byte)(typeAndData.Length - 4), .. typeAndData, .. checksum];
    }

    private static byte[] Jpeg()
    {
        using var image = new Image<Rgb24>(320, 240);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
                image[x, y] = new Rgb24((byte)x, (byte)y, (byte)(x * y));
        }
        using var file = new MemoryStream();
        image.SaveAsJpeg(file);
        return file.ToArray();
    }
}
