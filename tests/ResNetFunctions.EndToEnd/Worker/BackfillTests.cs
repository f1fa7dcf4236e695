using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Storage.Blobs;
using ResNetFunctions.EndToEnd.Blobs;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>Backfills over HTTP: a walk, its messages and the results, all by the worker's functions.</summary>
public sealed class BackfillTests(AzuriteFixture azurite, BlobModels models, Workers workers) : BlobTest(azurite, models)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Backfill_Started_ClassifiesWhatIsThereAndSaysHowFarItIs()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        for (int i = 0; i < 40; i++)
            await UploadAsync(container, $"in/{i}.png", Picture(i));
        BlobClient outside = await UploadAsync(container, "out.png", Picture(99));
        await UploadAsync(container, "in/1.png.classification.json", "mine"u8.ToArray());
        await using WorkerHost host = await HostAsync(container);

        using HttpResponseMessage started = await host.Worker.Client.PostAsync("api/backfills", JsonContent.Create(new { prefix = "in/" }), Cancel);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        await OpenApi.AssertPromisedAsync(started);
        await host.UntilEmptyAsync(Patience);
        using HttpResponseMessage answer = await host.Worker.Client.GetAsync(started.Headers.Location, Cancel);

        JsonElement backfill = await answer.IsOkAsync();
        Assert.Equal(
            ("done", 40, 39, 0, 1, "in/"),
            (backfill.GetProperty("state").GetString(), backfill.GetProperty("listed").GetInt32(), backfill.GetProperty("enqueued").GetInt32(),
                backfill.GetProperty("waiting").GetInt32(), backfill.GetProperty("skipped").GetProperty("nameTaken").GetInt32(), backfill.GetProperty("prefix").GetString()));
        await AssertResultAsync(container.GetBlobClient("in/0.png"), Picture(0));
        await AssertResultAsync(container.GetBlobClient("in/39.png"), Picture(39));
        Assert.Null(await ResultAsync(outside));
        Assert.Empty(host.Failures);
    }

    [Fact]
    public async Task Backfill_Stopped_StaysStopped()
    {
        await using WorkerHost host = await HostAsync(await Azurite.CreateContainerAsync());
        using HttpResponseMessage started = await host.Worker.Client.PostAsync("api/backfills", null, Cancel);

        using HttpResponseMessage stopped = await host.Worker.Client.DeleteAsync(started.Headers.Location, Cancel);
        Assert.Equal("stopped", (await stopped.IsOkAsync()).GetProperty("state").GetString());
        await host.UntilEmptyAsync(Patience);
        using HttpResponseMessage answer = await host.Worker.Client.GetAsync(started.Headers.Location, Cancel);

        Assert.Equal("stopped", (await answer.IsOkAsync()).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("sweep-images")]
    [InlineData("..%2Fwalks")]
    public async Task Backfill_UnknownId_IsNotFound(string id)
    {
        FunctionsWorker worker = await workers.WithStorageAsync(Azurite);

        using HttpResponseMessage get = await worker.Client.GetAsync($"api/backfills/{id}", Cancel);
        using HttpResponseMessage delete = await worker.Client.DeleteAsync($"api/backfills/{id}", Cancel);

        await get.IsProblemAsync(404, "unknown-backfill");
        await delete.IsProblemAsync(404, "unknown-backfill");
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"prefix":1}""")]
    [InlineData("""{"faild":true}""")]
    public async Task Backfill_BodyThatCantBeRead_IsABadParameter(string body)
    {
        FunctionsWorker worker = await workers.WithStorageAsync(Azurite);

        using HttpResponseMessage answer = await worker.Client.PostAsync("api/backfills", new StringContent(body), Cancel);

        await answer.IsProblemAsync(400, "bad-parameter");
    }

    [Fact]
    public async Task Backfill_NoStorage_IsMisconfigured()
    {
        FunctionsWorker worker = await workers.Default;

        using HttpResponseMessage answer = await worker.Client.PostAsync("api/backfills", null, Cancel);

        await answer.IsProblemAsync(503, "misconfigured");
    }

    private async Task<WorkerHost> HostAsync(BlobContainerClient container) => await WorkerHost.StartAsync(
        workers, await Azurite.ConnectionStringAsync(), $"q{Guid.NewGuid():N}", ("Blobs__ImagesContainer", container.Name));
}
