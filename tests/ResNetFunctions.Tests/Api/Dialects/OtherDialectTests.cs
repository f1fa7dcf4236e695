using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Tests.Cli;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Api.Dialects;

/// <summary>The particulars of Azure AI Vision, Hugging Face, TensorFlow Serving and TorchServe.</summary>
public sealed class OtherDialectTests : IAsyncLifetime
{
    private static readonly string Green = Convert.ToBase64String(TestImages.Plain(0, 255, 0));

    private readonly ModelsFolder _models = new();
    private Server _server = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _models.AddTiny("tiny").AddTiny("twins", null, "crane", "crane", "crane").Add("missing", "missing.onnx", null, TinyModel.Manifest("tiny.tsv"));
        await File.WriteAllTextAsync(_models.PathOf("tiny.zh.tsv"), "0\tr\t红\n1\tg\t绿\n2\tb\t蓝\n", Cancelled);
        _server = await Server.StartAsync(o => (o.ModelsPath, o.DefaultModel, o.CachePath, o.Top) = (_models.Path, "tiny", "", 2));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _models.Dispose();
    }

    [Theory]
    [InlineData("", "green")]
    [InlineData("?language=en&model-version=latest", "green")]
    [InlineData("?language=zh", "绿")]
    public async Task AzureVision_Tags_ComeInTheirLanguageAsManyAsTopSays(string query, string best)
    {
        JsonElement answer = await PostAsync("/vision/v3.2/tag" + query, new ByteArrayContent(TestImages.Plain(0, 255, 0)), 200);

        Assert.Equal(best, answer.GetProperty("tags")[0].GetProperty("name").GetString());
        Assert.Equal(2, answer.GetProperty("tags").GetArrayLength());
        Assert.Equal("""{"height":12,"width":16,"format":"Png"}""", answer.GetProperty("metadata").GetRawText());
        Assert.True(answer.GetProperty("requestId").TryGetGuid(out _));
    }

    [Fact]
    public async Task AzureVision_OtherLanguageAndAddress_AreItsOwnErrors()
    {
        JsonElement language = await PostAsync("/vision/v3.2/tag?language=ja", new ByteArrayContent(TestImages.Jpeg), 400);
        JsonElement address = await PostAsync("/vision/v3.2/tag", DialectClient.Json("""{"url": "https://localhost/a.jpg"}"""), 400);

        Assert.Equal("NotSupportedLanguage", language.GetProperty("error").GetProperty("innererror").GetProperty("code").GetString());
        Assert.Contains("UrlHosts", address.GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("""{"inputs": "IMAGE"}""", 3)]
    [InlineData("""{"inputs": "IMAGE", "parameters": {"top_k": 1, "function_to_apply": "softmax"}}""", 1)]
    [InlineData("""{"inputs": "data:image/png;base64,IMAGE", "parameters": {"top_k": null}}""", 3)]
    public async Task HuggingFace_Json_IsAnswered(string json, int count)
    {
        JsonElement answer = await PostAsync("/models/tiny", DialectClient.Json(json.Replace("IMAGE", Green, StringComparison.Ordinal)), 200);

        Assert.Equal(count, answer.GetArrayLength());
        Assert.Equal("green", answer[0].GetProperty("label").GetString());
        Assert.Equal(["label", "score"], answer[0].EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("/models/tiny", """{"inputs": "IMAGE", "parameters": {"top_k": 0}}""", 400, ErrorCode.BadParameter)]
    [InlineData("/models/tiny", """{"inputs": "IMAGE", "parameters": {"function_to_apply": "sigmoid"}}""", 400, ErrorCode.BadParameter)]
    [InlineData("/models/tiny", """{"inputs": ["IMAGE"]}""", 400, ErrorCode.BadJson)]
    [InlineData("/models/tiny", """{"image": "IMAGE"}""", 400, ErrorCode.BadJson)]
    [InlineData("/models/microsoft/resnet-18", """{"inputs": "IMAGE"}""", 404, ErrorCode.UnknownModel)]
    [InlineData("/v1/models/tiny:predict", """{"inputs": {"b64": "IMAGE"}}""", 400, ErrorCode.BadJson)]
    [InlineData("/v1/models/tiny:predict", """{"instances": []}""", 400, ErrorCode.BadJson)]
    [InlineData("/v1/models/tiny:predict", """{"instances": [[[0.1, 0.2]]]}""", 400, ErrorCode.BadJson)]
    [InlineData("/v1/models/tiny:predict", """{"instances": [{"b64": "!"}]}""", 400, ErrorCode.BadJson)]
    [InlineData("/v1/models/tiny:predict", """{"instances": [{"b64": "IMAGE"}, {"b64": "AAAA"}]}""", 400, ErrorCode.UnsupportedFormat)]
    [InlineData("/v1/models/none:predict", """{"instances": [{"b64": "IMAGE"}]}""", 404, ErrorCode.UnknownModel)]
    public async Task Json_ThatIsNotTheDialects_IsItsError(string path, string json, int status, string code)
    {
        JsonElement error = await PostAsync(path, DialectClient.Json(json.Replace("IMAGE", Green, StringComparison.Ordinal)), status);

        Assert.Equal(code, error.GetProperty("reason").GetString());
        Assert.NotEqual("", error.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("""{"b64": "IMAGE"}""")]
    [InlineData("""{"image_bytes": {"b64": "IMAGE"}, "key": "1"}""")]
    public async Task TensorFlowServing_Rows_AreAnsweredInOrder(string row)
    {
        string green = row.Replace("IMAGE", Green, StringComparison.Ordinal);
        string blue = row.Replace("IMAGE", Convert.ToBase64String(TestImages.Plain(0, 0, 255)), StringComparison.Ordinal);

        JsonElement answer = await PostAsync(
            "/v1/models/tiny:predict", DialectClient.Json($$"""{"signature_name": "serving_default", "instances": [{{green}}, {{blue}}]}"""), 200);

        JsonElement rows = answer.GetProperty("predictions");
        Assert.Equal([1, 2], rows.EnumerateArray().Select(prediction => prediction.GetProperty("classes").GetInt32()));
        Assert.Equal([0, 1, 0], rows[0].GetProperty("probabilities").EnumerateArray().Select(value => value.GetSingle()));
    }

    [Fact]
    public async Task TensorFlowServing_SeventeenRows_AreTooMany()
    {
        string rows = string.Join(',', Enumerable.Repeat("""{"b64": "AAAA"}""", 17));

        JsonElement error = await PostAsync("/v1/models/tiny:predict", DialectClient.Json($$"""{"instances": [{{rows}}]}"""), 400);

        Assert.Contains("At most 16", error.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("tiny", "AVAILABLE", "OK")]
    [InlineData("missing", "END", "UNAVAILABLE")]
    public async Task TensorFlowServing_Status_SaysWhetherTheModelIsThere(string model, string state, string code)
    {
        JsonElement version = (await _server.Client.GetFromJsonAsync<JsonElement>("/v1/models/" + model, Cancelled)).GetProperty("model_version_status")[0];

        Assert.Equal((state, code), (version.GetProperty("state").GetString(), version.GetProperty("status").GetProperty("error_code").GetString()));
    }

    [Fact]
    public async Task TorchServe_ClassesOfOneName_AreAllThere()
    {
        JsonElement answer = await PostAsync("/predictions/twins", new ByteArrayContent(TestImages.Plain(0, 255, 0)), 200);

        Assert.Equal(3, answer.EnumerateObject().Count());
        Assert.Equal("crane", answer.EnumerateObject().First().Name);
        Assert.InRange(answer.EnumerateObject().Sum(entry => entry.Value.GetDouble()), 0.999, 1.001);
    }

    [Fact]
    public async Task TorchServe_Form_IsAnswered()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(TestImages.Plain(0, 255, 0)), "data", "green.png" } };

        JsonElement answer = await PostAsync("/predictions/tiny", form, 200);

        Assert.Equal("green", answer.EnumerateObject().First().Name);
    }

    private async Task<JsonElement> PostAsync(string path, HttpContent content, int status)
    {
        using HttpResponseMessage response = await _server.Client.PostAsync(path, content, Cancelled);
        string text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }
}
