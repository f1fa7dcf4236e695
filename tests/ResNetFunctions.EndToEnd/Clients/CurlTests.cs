using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace ResNetFunctions.EndToEnd.Clients;

/// <summary>The curl commands of other servers' documentation with our address, and the bodies of Logic Apps and Power
/// Automate.</summary>
public sealed class CurlTests(ClientHosts hosts)
{
    private static readonly string Base64 = Convert.ToBase64String(ClientHosts.Cucumbers);
    private static readonly string Picture = TemporaryFiles.Write("cucumbers.jpg", ClientHosts.Cucumbers);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Hosts => ["serve", "worker"];

    // pytorch.org/serve/inference_api.html
    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task TorchServe_ItsDocumentationsLines_AreAnswered(string host)
    {
        Assert.Equal("""{"status":"Healthy"}""", await CurlAsync(host, "ping"));
        foreach (string[] line in (string[][])[["-T", Picture], ["-X", "POST", "-T", Picture], ["-F", $"data=@{Picture}"]])
        {
            JsonElement answer = JsonElement.Parse(await CurlAsync(host, $"predictions/{ClientHosts.Model}", line));
            Assert.Equal("cucumbers", answer.EnumerateObject().First().Name);
        }
        JsonElement error = JsonElement.Parse(await CurlAsync(host, "predictions/none", "-T", Picture));
        Assert.Equal((404, "ModelNotFoundException"), (error.GetProperty("code").GetInt32(), error.GetProperty("type").GetString()));
    }

    // tensorflow.org/tfx/serving/api_rest
    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task TensorFlowServing_ItsDocumentationsLines_AreAnswered(string host)
    {
        JsonElement status = JsonElement.Parse(await CurlAsync(host, $"v1/models/{ClientHosts.Model}"));
        Assert.Equal("AVAILABLE", status.GetProperty("model_version_status")[0].GetProperty("state").GetString());

        string body = TemporaryFiles.Write("body.json", System.Text.Encoding.UTF8.GetBytes($$"""{"instances": [{"b64": "{{Base64}}"}]}"""));
        JsonElement answer = JsonElement.Parse(await CurlAsync(host, $"v1/models/{ClientHosts.Model}:predict", "-d", $"@{body}", "-X", "POST"));
        Assert.Equal(0, answer.GetProperty("predictions")[0].GetProperty("classes").GetInt32());
        Assert.Equal(3, answer.GetProperty("predictions")[0].GetProperty("probabilities").GetArrayLength());
    }

    // github.com/kserve/open-inference-protocol
    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task OpenInference_Routes_AnswerWhatTheProtocolRequires(string host)
    {
        await AssertMembersAsync("v2", "name", "version", "extensions");
        await AssertMembersAsync("v2/health/live", "live");
        await AssertMembersAsync("v2/health/ready", "live", "ready");
        await AssertMembersAsync($"v2/models/{ClientHosts.Model}/ready", "name", "ready");
        JsonElement model = await AssertMembersAsync($"v2/models/{ClientHosts.Model}", "name", "platform", "inputs", "outputs");
        Assert.All(
            model.GetProperty("inputs").EnumerateArray().Concat(model.GetProperty("outputs").EnumerateArray()), tensor =>
            {
                Assert.Equal(["name", "datatype", "shape"], tensor.EnumerateObject().Select(member => member.Name));
                Assert.All(tensor.GetProperty("shape").EnumerateArray(), side => side.GetInt64());
            });
        await AssertMembersAsync("v2/models/none", "error", "reason");

        string body = TemporaryFiles.Write("body.json", System.Text.Encoding.UTF8.GetBytes(
            $$"""{"id": "42", "inputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": ["{{Base64}}"]}]}"""));
        JsonElement answer = JsonElement.Parse(await CurlAsync(host, $"v2/models/{ClientHosts.Model}/infer", "-d", $"@{body}"));
        Assert.Equal(["id", "model_name", "outputs"], answer.EnumerateObject().Select(member => member.Name));
        foreach (JsonElement output in answer.GetProperty("outputs").EnumerateArray())
        {
            Assert.Equal(["name", "datatype", "shape", "data"], output.EnumerateObject().Select(member => member.Name));
            int length = output.GetProperty("shape").EnumerateArray().Aggregate(1, (product, side) => product * side.GetInt32());
            Assert.Equal(length, output.GetProperty("data").GetArrayLength());
            Assert.All(output.GetProperty("data").EnumerateArray(), value => Assert.Equal(JsonValueKind.Number, value.ValueKind));
        }

        async Task<JsonElement> AssertMembersAsync(string path, params string[] members)
        {
            JsonElement value = JsonElement.Parse(await CurlAsync(host, path));
            Assert.Equal(members, value.EnumerateObject().Select(member => member.Name));
            return value;
        }
    }

    // Their HTTP action sends a file that an action before gave it as this JSON.
    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task LogicApps_FileAsTheyWriteIt_IsAnswered(string host)
    {
        string body = TemporaryFiles.Write("body.json", System.Text.Encoding.UTF8.GetBytes($$"""{"$content-type":"image/jpeg","$content":"{{Base64}}"}"""));

        JsonElement answer = JsonElement.Parse(await CurlAsync(
            host, "api/classify", "-H", "Content-Type: application/json; charset=utf-8", "--data-binary", $"@{body}"));

        Assert.Equal("cucumbers", answer.GetProperty("predictions")[0].GetProperty("label").GetString());
    }

    private async Task<string> CurlAsync(string host, string path, params string[] line)
    {
        Uri address = await hosts.AddressAsync(host);
        // The key is the one thing that these servers, as documented, do without.
        var start = new ProcessStartInfo("curl", ["--silent", "--show-error", "-H", $"x-functions-key: {ClientHosts.Key}", $"{address}{path}", .. line])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process curl = Process.Start(start)!;
            Task<string> output = curl.StandardOutput.ReadToEndAsync(Cancelled), errors = curl.StandardError.ReadToEndAsync(Cancelled);
            await curl.WaitForExitAsync(Cancelled);
            Assert.True(curl.ExitCode == 0, await errors);
            return await output;
        }
        catch (Win32Exception)
        {
            Assert.Skip("Skipped: curl is not here.");
            throw;
        }
    }
}
