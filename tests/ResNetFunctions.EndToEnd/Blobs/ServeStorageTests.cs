using System.Diagnostics;
using System.Net;
using Azure.Storage.Blobs;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary><c>resnet serve --storage</c>, in a process of its own.</summary>
public sealed class ServeStorageTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    [Fact]
    public async Task Serve_ConnectionString_AnswersOverHttpAndClassifiesWhatIsUploaded()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        using Process serve = await StartAsync(await Azurite.ConnectionStringAsync(), ("Blobs__ImagesContainer", container.Name));
        Uri address = await AddressAsync(serve);

        await AssertAnswersAsync(address);
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await ResnetCommand.UntilLineAsync(serve, "a.png: classified");

        Assert.Equal(0, await ResnetCommand.InterruptAsync(serve));
        await AssertResultAsync(image, Picture(1));
    }

    [Fact]
    public async Task Serve_StorageThatDoesNotAnswer_AnswersOverHttpAllTheSame()
    {
        string nowhere = Cli.Azurite.ConnectionStringOf(blobPort: 1);
        using Process serve = await StartAsync(nowhere);
        Uri address = await AddressAsync(serve);

        await ResnetCommand.UntilLineAsync(serve, "Blobs: images are in http://127.0.0.1:1/devstoreaccount1/images");
        await ResnetCommand.UntilLineAsync(serve, "warn: ");

        await AssertAnswersAsync(address);
        Assert.Equal(0, await ResnetCommand.InterruptAsync(serve));
    }

    [Fact]
    public async Task Serve_NoNodeJs_SaysThatBlobsAreOffAndHowToTurnThemOn()
    {
        Assert.SkipWhen(
            await Cli.Azurite.FindAsync(Cli.Azurite.DefaultBlobPort, Cancel) is not null,
            "Skipped: an Azurite listens on this machine, and serve would take it.");
        using Process serve = await StartAsync("auto", ("PATH", "/nowhere"));
        Uri address = await AddressAsync(serve);

        Assert.Equal(
            "Blobs are off: Node.js is not installed, so no storage emulator can be started. Install Node.js, or say --storage CONNECTION.",
            await ResnetCommand.UntilLineAsync(serve, "Blobs"));

        await AssertAnswersAsync(address);
        Assert.Equal(0, await ResnetCommand.InterruptAsync(serve));
    }

    private async Task<Process> StartAsync(string storage, params (string, string)[] environment) => ResnetCommand.Start(
        await Models.TrainedOptionsAsync('A'), ["serve", "--urls", "http://127.0.0.1:0", "--storage", storage], environment);

    private static async Task<Uri> AddressAsync(Process serve)
    {
        string line = await ResnetCommand.UntilLineAsync(serve, "Listening on ");
        return new Uri(line.Split(' ')[2]);
    }

    private static async Task AssertAnswersAsync(Uri address)
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.PostAsync(
            new Uri(address, "/api/classify"), new ByteArrayContent(Picture(1)), Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
