using System.Net;
using Azure.Storage.Blobs;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary><c>resnet serve --storage</c> in its own process.</summary>
public sealed class ServeStorageTests(AzuriteFixture azurite, BlobModels models) : BlobTest(azurite, models)
{
    [Fact]
    public async Task Serve_ConnectionString_AnswersOverHttpAndClassifiesWhatIsUploaded()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        using ResnetCommand serve = await StartAsync(await Azurite.ConnectionStringAsync(), ("Blobs__ImagesContainer", container.Name));
        Uri address = await AddressAsync(serve);

        await AssertAnswersAsync(address);
        BlobClient image = await UploadAsync(container, "a.png", Picture(1));
        await serve.UntilLineAsync("a.png: classified");

        Assert.Equal(0, await serve.InterruptAsync());
        await AssertResultAsync(image, Picture(1));
    }

    [Fact]
    public async Task Serve_StorageThatDoesNotAnswer_AnswersOverHttpAllTheSame()
    {
        string nowhere = Cli.Azurite.ConnectionStringOf(blobPort: 1);
        using ResnetCommand serve = await StartAsync(nowhere);
        Uri address = await AddressAsync(serve);

        await serve.UntilLineAsync("Blobs: images are in http://127.0.0.1:1/devstoreaccount1/images");
        await serve.UntilLineAsync("warn: ");

        await AssertAnswersAsync(address);
        Assert.Equal(0, await serve.InterruptAsync());
    }

    [Fact]
    public async Task Serve_NoNodeJs_SaysThatBlobsAreOffAndHowToTurnThemOn()
    {
        Assert.SkipWhen(
            await Cli.Azurite.FindAsync(Cli.Azurite.DefaultBlobPort, Cancel) is not null,
            "Skipped: an Azurite listens on this machine, and serve would take it.");
        using ResnetCommand serve = await StartAsync("auto", ("PATH", "/nowhere"));
        Uri address = await AddressAsync(serve);

        Assert.Equal(
            "Blobs are off: Node.js is not installed, so no storage emulator can be started. Install Node.js, or use --storage CONNECTION.",
            await serve.UntilLineAsync("Blobs"));

        await AssertAnswersAsync(address);
        Assert.Equal(0, await serve.InterruptAsync());
    }

    private async Task<ResnetCommand> StartAsync(string storage, params (string, string)[] environment) => ResnetCommand.Start(
        Models.Options(1), ["serve", "--urls", "http://127.0.0.1:0", "--storage", storage], environment);

    private static async Task<Uri> AddressAsync(ResnetCommand serve)
    {
        string line = await serve.UntilLineAsync("Listening on ");
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
