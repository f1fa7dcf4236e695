using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using ResNetFunctions.Inference.Devices;
using ResNetFunctions.Tests.Infra;

namespace ResNetFunctions.Tests.Cli;

/// <summary><c>ResNet:Device</c> as a user meets it.</summary>
public sealed class DeviceTests
{
    private static readonly string Alps = Repository.PathOf("samples", "alps.jpg");

    [Fact]
    public async Task Classify_CudaThatCannotBeUsed_IsOneLineAndExitCode1()
    {
        string why = WhyNotCuda();

        var run = await ResNet.RunAsync(["classify", Alps], ("ResNet__Device", "cuda"));

        Assert.Equal((1, $"resnet: Device is cuda. {why}", ""), (run.ExitCode, run.Error.Trim(), run.Output));
    }

    [Fact]
    public async Task Classify_AutoWithoutAGpu_SaysWhyAndAnswersFromTheCpu()
    {
        string why = WhyNotCuda();

        var run = await ResNet.RunAsync(["classify", Alps, "--json"], ("ResNet__Device", "auto"));

        Assert.Equal(0, run.ExitCode);
        Assert.Single(run.Error.Split('\n'), line => line == $"ResNet:Device is auto, and the CPU is used. {why}");
        Assert.Equal("classified", JsonElement.Parse(run.Output).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(Device.Cpu)]
    [InlineData(Device.Auto)]
    public async Task Models_OfAServer_NameItsDevice(Device device)
    {
        await using Server server = await Tiny.StartAsync(options => options.Device = device);

        JsonElement models = await server.Client.GetFromJsonAsync<JsonElement>("/api/models", TestContext.Current.CancellationToken);

        Assert.Equal(DeviceChoice.Of(device).Name, models.GetProperty("device").GetString());
    }

    [Fact]
    public async Task InferenceDuration_OfARequest_SaysOnWhatItRan()
    {
        ConcurrentBag<string?> devices = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "resnet.inference.duration")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => devices.Add(tags.ToArray().SingleOrDefault(tag => tag.Key == "resnet.device").Value as string));
        listener.Start();
        await using Server server = await Tiny.StartAsync();

        using HttpResponseMessage answer = await server.Client.PostAsync("/api/classify", new ByteArrayContent(Tiny.Picture), TestContext.Current.CancellationToken);

        answer.EnsureSuccessStatusCode();
        Assert.NotEmpty(devices);
        Assert.All(devices, device => Assert.Contains(device, (string?[])["cpu", "cuda"]));
    }

    private static string WhyNotCuda()
    {
        Assert.SkipWhen(Cuda.Problem is null, "Skipped: there is a GPU here.");
        return Cuda.Problem!;
    }
}
