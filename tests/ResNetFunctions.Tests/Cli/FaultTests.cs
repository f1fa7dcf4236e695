using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Fuzz;
using ResNetFunctions.Imaging;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.Tests.Infra;
using ResNetFunctions.Tests.ModelTools.Weights;

namespace ResNetFunctions.Tests.Cli;

/// <summary>Failures of the server's disk and model file.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resnet-test-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("full", "mount -t tmpfs -o size=64k none \"$FOLDER\"")]
    [InlineData("read-only", "mount -t tmpfs -o ro none \"$FOLDER\"")]
    public async Task Cache_OnADiskThatTakesNothing_CostsNoAnswer(string disk, string mount)
    {
        (int exitCode, string output, string error) = await RunMountedAsync(mount, "ResNet__CachePath");

        Assert.True(exitCode == 0, $"{disk}: {error}");
        Assert.Contains("squeezenet1_1", output + error);
    }

    [Fact]
    public async Task Models_InAFolderThatCannotBeWritten_AreRead()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "models")))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));

        (int exitCode, _, string error) = await RunMountedAsync("mount --bind \"$FOLDER\" \"$FOLDER\" && mount -o remount,ro,bind \"$FOLDER\"", "ResNet__ModelsPath");

        Assert.True(exitCode == 0, error);
        Assert.DoesNotContain(Directory.GetFiles(_folder), file => file.EndsWith("squeezenet1_1.onnx", StringComparison.Ordinal));
    }

    // The model is in memory; a change is used from the next start.
    [Theory]
    [InlineData("cut")]
    [InlineData("replaced")]
    [InlineData("removed")]
    public async Task ModelFile_ChangedWhileItRuns_GoesOnAnswering(string how)
    {
        TinyModel.Write(_folder);
        string model = Path.Combine(_folder, "tiny.onnx");
        await using Server server = await Tiny.StartAsync(o => o.ModelsPath = _folder);
        string before = await PredictionsAsync(server);

        if (how == "cut")
            File.OpenHandle(model, FileMode.Truncate, FileAccess.Write).Dispose();
        else if (how == "removed")
            File.Delete(model);
        else
            await File.WriteAllTextAsync(model, "no graph", Cancelled);

        for (int i = 0; i < 5; i++)
            Assert.Equal(before, await PredictionsAsync(server));
    }

    [Fact]
    public async Task ModelFile_PutRightAfterAFailedLoad_AnswersWithoutARestart()
    {
        TinyModel.Write(_folder);
        string model = Path.Combine(_folder, "tiny.onnx");
        byte[] right = await File.ReadAllBytesAsync(model, Cancelled);
        await File.WriteAllBytesAsync(model, right.AsMemory(0, right.Length / 2), Cancelled);
        await using Server server = await Tiny.StartAsync(o => o.ModelsPath = _folder);

        using HttpResponseMessage refused = await server.Client.PostAsync("/api/classify", new ByteArrayContent(Tiny.Picture), Cancelled);
        JsonElement problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, ErrorCode.ModelUnavailable), (refused.StatusCode, problem.GetProperty("code").GetString()));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync("/api/health/ready", Cancelled)).StatusCode);

        await File.WriteAllBytesAsync(model, right, Cancelled);
        await PredictionsAsync(server);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/api/health/ready", Cancelled)).StatusCode);
    }

    private static async Task<string> PredictionsAsync(Server server)
    {
        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", new ByteArrayContent(Tiny.Picture), Cancelled);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("predictions").GetRawText();
    }

    /// <summary>Classifies a picture, without network, with something mounted on a folder for this process alone.</summary>
    private async Task<(int ExitCode, string Output, string Error)> RunMountedAsync(string mount, string setting)
    {
        string picture = Path.Combine(Directory.CreateDirectory(_folder + "-pictures").FullName, "picture.png");
        await File.WriteAllBytesAsync(picture, Tiny.Picture, Cancelled);
        string weights = picture + ".safetensors"; // which are converted, into the cache where there is one
        await File.WriteAllBytesAsync(weights, SafetensorsFile.Of(Architecture.Seeded("squeezenet1_1")), Cancelled);
        (int exitCode, _, _) = await Command.RunAsync(Shell("true"));
        Assert.SkipUnless(exitCode == 0, "Skipped: nothing may be mounted here (it takes Linux and root).");
        return await Command.RunAsync(Shell($"{mount} && exec dotnet \"$RESNET\" classify --model squeezenet1_1 --weights \"$WEIGHTS\" --json \"$PICTURE\""));

        ProcessStartInfo Shell(string command) => new("unshare", ["-m", "bash", "-c", command])
        {
            Environment =
            {
                ["FOLDER"] = _folder,
                ["RESNET"] = Path.Combine(AppContext.BaseDirectory, "resnet.dll"),
                ["PICTURE"] = picture,
                ["WEIGHTS"] = weights,
                ["HTTPS_PROXY"] = "http://127.0.0.1:9",
                ["ResNet__CachePath"] = "",
                [setting] = _folder,
            },
        };
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        if (Directory.Exists(_folder + "-pictures"))
            Directory.Delete(_folder + "-pictures", recursive: true);
    }
}
