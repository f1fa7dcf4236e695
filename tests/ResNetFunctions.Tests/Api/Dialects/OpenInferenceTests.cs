using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Tests.Cli;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;

namespace ResNetFunctions.Tests.Api.Dialects;

/// <summary>The Open Inference Protocol with a model whose logits are the means of the channels, 0 to 255.</summary>
public sealed class OpenInferenceTests
{
    private const int Side = TinyModel.Side;

    private static readonly string Red = Convert.ToBase64String(TestImages.Plain(255, 0, 0)), Blue = Convert.ToBase64String(TestImages.Plain(0, 0, 255));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metadata_OfServerAndModel_IsWhatTheProtocolDescribes()
    {
        using var models = new ModelsFolder();
        await using Server server = await StartAsync(models);

        JsonElement about = await server.Client.GetFromJsonAsync<JsonElement>("/v2", Cancelled);
        JsonElement model = await server.Client.GetFromJsonAsync<JsonElement>("/v2/models/tiny", Cancelled);
        JsonElement nhwc = await server.Client.GetFromJsonAsync<JsonElement>("/v2/models/nhwc", Cancelled);

        Assert.Equal(["name", "version", "extensions"], about.EnumerateObject().Select(member => member.Name));
        Assert.Equal("classification", Assert.Single(about.GetProperty("extensions").EnumerateArray()).GetString());
        Assert.Equal(("tiny", JsonValueKind.String), (model.GetProperty("name").GetString(), model.GetProperty("platform").ValueKind));
        Assert.Equal(["image BYTES [-1]", $"input FP32 [-1,3,{Side},{Side}]"], model.GetProperty("inputs").EnumerateArray().Select(Describe));
        Assert.Equal(["logits FP32 [-1,3]", "probabilities FP32 [-1,3]"], model.GetProperty("outputs").EnumerateArray().Select(Describe));
        Assert.Equal($"input FP32 [-1,{Side},{Side},3]", Describe(nhwc.GetProperty("inputs")[1]));
        Assert.Equal("probabilities FP32 [-1,3]", Describe(Assert.Single(nhwc.GetProperty("outputs").EnumerateArray())));
    }

    [Fact]
    public async Task Ready_OfAModel_IsSaidWithoutLoadingIt()
    {
        using var models = new ModelsFolder();
        models.Add("missing", "missing.onnx", null, TinyModel.Manifest("tiny.tsv"));
        await using Server server = await StartAsync(models);

        Assert.True((await server.Client.GetFromJsonAsync<JsonElement>("/v2/models/tiny/ready", Cancelled)).GetProperty("ready").GetBoolean());
        Assert.Equal(503, (int)(await server.Client.GetAsync("/v2/models/missing/ready", Cancelled)).StatusCode);
        Assert.Equal(404, (int)(await server.Client.GetAsync("/v2/models/none/ready", Cancelled)).StatusCode);
        Assert.Equal(404, (int)(await server.Client.GetAsync("/v2/models/none", Cancelled)).StatusCode);
        Assert.Equal(0, server.Classifier.Loads);
    }

    [Fact]
    public async Task Infer_BatchOfImages_GivesLogitsAndProbabilitiesOfEach()
    {
        using var models = new ModelsFolder();
        await using Server server = await StartAsync(models);

        JsonElement answer = await InferAsync(server, "tiny", $$"""
            {"id": "42", "inputs": [{"name": "any", "shape": [2, 1], "datatype": "BYTES", "data": [["{{Red}}"], ["data:image/png;base64,{{Blue}}"]]}]}
            """);

        Assert.Equal(("42", "tiny"), (answer.GetProperty("id").GetString(), answer.GetProperty("model_name").GetString()));
        JsonElement logits = Output(answer, 0, "logits", "FP32", "[2,3]"), probabilities = Output(answer, 1, "probabilities", "FP32", "[2,3]");
        Assert.Equal([255, 0, 0, 0, 0, 255], logits.EnumerateArray().Select(value => value.GetSingle()));
        Assert.Equal([1, 0, 0, 0, 0, 1], probabilities.EnumerateArray().Select(value => value.GetSingle()));
    }

    [Fact]
    public async Task Infer_Tensor_GivesWhatTheImagesTensorDoes()
    {
        using var models = new ModelsFolder();
        await using Server server = await StartAsync(models);
        string plane(int value) => string.Join(',', Enumerable.Repeat(value.ToString(CultureInfo.InvariantCulture), Side * Side));

        JsonElement answer = await InferAsync(server, "tiny", $$"""
            {"inputs": [{"data": [[{{plane(3)}}, {{plane(1)}}, {{plane(2)}}], [{{plane(0)}}, {{plane(0)}}, {{plane(9)}}]], "datatype": "FP32", "shape": [2, 3, {{Side}}, {{Side}}], "name": "input"}],
             "outputs": [{"name": "logits"}, {"name": "logits", "parameters": {"classification": 2} }]}
            """);

        Assert.False(answer.TryGetProperty("id", out _));
        Assert.Equal([3, 1, 2, 0, 0, 9], Output(answer, 0, "logits", "FP32", "[2,3]").EnumerateArray().Select(value => value.GetSingle()));
        Assert.Equal(["3:0:red", "2:2:blue", "9:2:blue", "0:0:red"], Output(answer, 1, "logits", "BYTES", "[2,2]").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public async Task Infer_ModelThatGivesProbabilities_HasNoLogits()
    {
        using var models = new ModelsFolder();
        await using Server server = await StartAsync(models);

        JsonElement answer = await InferAsync(server, "nhwc", Images(1, $"\"{Red}\""));

        Assert.Equal("probabilities", Assert.Single(answer.GetProperty("outputs").EnumerateArray()).GetProperty("name").GetString());
        await AssertRefusedAsync(server, "nhwc", $$"""{"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": ["{{Red}}"]}], "outputs": [{"name": "logits"}]}""", ErrorCode.BadParameter);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { Images(17, string.Join(',', Enumerable.Repeat("\"AA==\"", 17))), ErrorCode.BadParameter },
        { Images(16, string.Join(',', Enumerable.Repeat("\"AA==\"", 17))), ErrorCode.BadJson },
        { Images(2, "\"AA==\""), ErrorCode.BadParameter },
        { Images(0, ""), ErrorCode.BadParameter },
        { Images(1, "\"no base64!\""), ErrorCode.BadJson },
        { Images(1, "\"AAA\""), ErrorCode.BadJson },
        { Images(1, "7"), ErrorCode.BadJson },
        { Tensor($"[1,3,{Side},{Side}]", "1"), ErrorCode.BadJson },
        { Tensor($"[1,3,{Side},{Side}]", Numbers("NaN")), ErrorCode.BadJson },
        { Tensor($"[1,3,{Side},{Side}]", Numbers("\"NaN\"")), ErrorCode.BadJson },
        { Tensor($"[1,3,{Side},{Side}]", Numbers("1e999")), ErrorCode.BadParameter },
        { Tensor($"[1,3,{Side}]", Numbers("1")), ErrorCode.BadParameter },
        { Tensor($"[1,{Side},{Side},3]", Numbers("1")), ErrorCode.BadParameter },
        { Tensor($"[17,3,{Side},{Side}]", Numbers("1")), ErrorCode.BadParameter },
        { Tensor($"[-1,3,{Side},{Side}]", Numbers("1")), ErrorCode.BadParameter },
        { Tensor("[1.5]", Numbers("1")), ErrorCode.BadParameter },
        { """{"inputs": []}""", ErrorCode.BadJson },
        { """{"inputs": [{"name": "image", "shape": [1], "datatype": "UINT8", "data": [1]}]}""", ErrorCode.BadParameter },
        { """{"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES"}]}""", ErrorCode.BadJson },
        { """{"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": 4}}]}""", ErrorCode.BadParameter },
        { """{"parameters": {"binary_data_output": true}, "inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": ["AA=="]}]}""", ErrorCode.BadParameter },
        { """{"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": ["AA=="]}], "outputs": [{"name": "fc"}]}""", ErrorCode.BadParameter },
        { """{"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": ["AA=="]}], "outputs": [{"name": "logits", "parameters": {"classification": 0}}]}""", ErrorCode.BadParameter },
        { """{"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": ["AA=="]}], "outputs": [{"name": "logits", "parameters": {"binary_data": true}}]}""", ErrorCode.BadParameter },
        { """{"inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": ["AA==""", ErrorCode.BadJson },
        { "[]", ErrorCode.BadJson },
        { "", ErrorCode.BadJson },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Infer_WhatCannotBeRun_IsRefusedWhole(string body, string code)
    {
        using var models = new ModelsFolder();
        await using Server server = await StartAsync(models);

        await AssertRefusedAsync(server, "tiny", body, code);
    }

    [Fact]
    public async Task Infer_BadImageAmongGood_NamesIt()
    {
        using var models = new ModelsFolder();
        await using Server server = await StartAsync(models);

        string error = await AssertRefusedAsync(server, "tiny", Images(2, $"\"{Red}\", \"AAAA\""), ErrorCode.UnsupportedFormat);

        Assert.StartsWith("Image 1: ", error);
    }

    [Fact]
    public async Task Infer_BinaryHeader_SaysThatTheExtensionIsNotThere()
    {
        using var models = new ModelsFolder();
        await using Server server = await StartAsync(models);
        using HttpRequestMessage request = DialectClient.Post("/v2/models/tiny/infer", new ByteArrayContent("{}xxxx"u8.ToArray()));
        request.Headers.Add("Inference-Header-Content-Length", "2");

        using HttpResponseMessage response = await server.Client.SendAsync(request, Cancelled);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("binary data extension", await response.Content.ReadAsStringAsync(Cancelled));
    }

    private static string Images(int count, string data) =>
        $$"""{"inputs": [{"name": "image", "shape": [{{count}}], "datatype": "BYTES", "data": [{{data}}]}]}""";

    private static string Tensor(string shape, string data) =>
        $$"""{"inputs": [{"name": "input", "shape": {{shape}}, "datatype": "FP32", "data": [{{data}}]}]}""";

    private static string Numbers(string last) => string.Join(',', Enumerable.Repeat("0", (3 * Side * Side) - 1).Append(last));

    private static async Task<Server> StartAsync(ModelsFolder models)
    {
        models.AddTiny("tiny").AddTiny("nhwc", new() { Nhwc = true, Probabilities = true });
        System.Text.Json.Nodes.JsonObject manifest = TinyModel.Manifest("nhwc.tsv");
        manifest["output"] = "probabilities";
        manifest["input"]!["layout"] = "nhwc";
        models.Add("nhwc", "nhwc.onnx", null, manifest);
        return await Server.StartAsync(o => (o.ModelsPath, o.DefaultModel, o.CachePath) = (models.Path, "tiny", ""));
    }

    private static async Task<JsonElement> InferAsync(Server server, string model, string body)
    {
        using HttpResponseMessage response = await server.Client.PostAsync($"/v2/models/{model}/infer", DialectClient.Json(body), Cancelled);
        string text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private static async Task<string> AssertRefusedAsync(Server server, string model, string body, string code)
    {
        using HttpResponseMessage response = await server.Client.PostAsync($"/v2/models/{model}/infer", DialectClient.Json(body), Cancelled);
        JsonElement error = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal((400, code), ((int)response.StatusCode, error.GetProperty("reason").GetString()));
        return error.GetProperty("error").GetString()!;
    }

    private static JsonElement Output(JsonElement answer, int index, string name, string type, string shape)
    {
        JsonElement output = answer.GetProperty("outputs")[index];
        Assert.Equal($"{name} {type} {shape}", Describe(output));
        return output.GetProperty("data");
    }

    private static string Describe(JsonElement tensor) =>
        $"{tensor.GetProperty("name").GetString()} {tensor.GetProperty("datatype").GetString()} {tensor.GetProperty("shape").GetRawText()}";
}
