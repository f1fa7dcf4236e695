using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ResNetFunctions.Api;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Tests.Cli;

/// <summary>More requests than a server can answer at once, and clients that are slow or go away.</summary>
public sealed class OverloadTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 0, HttpStatusCode.ServiceUnavailable)]
    [InlineData(2, 1, HttpStatusCode.OK)]
    [InlineData(2, 2, HttpStatusCode.ServiceUnavailable)]
    public async Task MaxQueue_SoManyWaiting_RefusesTheNext(int maxQueue, int waiting, HttpStatusCode status)
    {
        await using Server server = await Tiny.StartAsync(o => (o.MaxConcurrency, o.MaxQueue) = (1, maxQueue));
        Admission running = await server.Classifier.AdmitAsync(cancellationToken: Cancelled);
        List<Task<Admission>> queued =
            [.. Enumerable.Range(0, waiting).Select(_ => server.Classifier.AdmitAsync(cancellationToken: Cancelled).AsTask())];

        Task<HttpResponseMessage> asked = PostAsync(server);
        if (status == HttpStatusCode.OK)
            await UntilAsync(() => Task.FromResult(server.Classifier.Waiting == waiting + 1));
        else
            await asked;
        running.Dispose();
        foreach (Task<Admission> admission in queued)
            (await admission).Dispose();

        using HttpResponseMessage response = await asked;
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(status != HttpStatusCode.OK, response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task QueueTimeout_NoTurnCame_IsOverloaded()
    {
        await using Server server = await Tiny.StartAsync(o => (o.MaxConcurrency, o.QueueTimeout) = (1, TimeSpan.FromMilliseconds(100)));
        using Admission running = await server.Classifier.AdmitAsync(cancellationToken: Cancelled);

        using HttpResponseMessage response = await PostAsync(server);

        JsonElement problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal(ErrorCode.Overloaded, problem.GetProperty("code").GetString());
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        Assert.Equal(0, server.Classifier.Waiting);
    }

    [Fact]
    public async Task Client_ThatGoesAwayWhileItWaits_FreesItsPlace()
    {
        await using Server server = await Tiny.StartAsync(o => (o.MaxConcurrency, o.MaxQueue) = (1, 1));
        Admission running = await server.Classifier.AdmitAsync(cancellationToken: Cancelled);
        using var gone = new CancellationTokenSource();
        Task<HttpResponseMessage> first = server.Client.PostAsync("/api/classify", new ByteArrayContent(Tiny.Picture), gone.Token);
        await UntilAsync(() => Task.FromResult(server.Classifier.Waiting == 1));

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await UntilAsync(() => Task.FromResult(server.Classifier.Waiting == 0));
        Task<HttpResponseMessage> second = PostAsync(server);
        await UntilAsync(() => Task.FromResult(server.Classifier.Waiting == 1));
        running.Dispose();

        using HttpResponseMessage response = await second;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task SlowUploads_AnyNumberOfThem_HoldNoTurn()
    {
        await using Server server = await Tiny.StartAsync(o => (o.MaxConcurrency, o.MaxQueue) = (1, 0));
        var slow = new List<TcpClient>();
        for (int i = 0; i < 50; i++)
            slow.Add(await SlowUploadAsync(server, announced: 20 << 20));

        using HttpResponseMessage response = await PostAsync(server);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        slow.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task MaxBytesInFlight_TakenByUploads_RefusesUntilTheyEnd()
    {
        // A buffer for 100,000 bytes has 131,072: two of them fit, a third does not.
        await using Server server = await Tiny.StartAsync(o => (o.MaxImageBytes, o.MaxRequestBytes, o.MaxBytesInFlight) = (100_000, 100_000, 300_000));
        byte[] picture = [.. Tiny.Picture, .. new byte[90_000]];
        var slow = new List<TcpClient>();

        await UntilAsync(async () =>
        {
            slow.Add(await SlowUploadAsync(server, announced: 100_000));
            return await StatusAsync(server, picture) == HttpStatusCode.ServiceUnavailable;
        });
        using HttpResponseMessage refused = await server.Client.PostAsync("/api/classify", new ByteArrayContent(picture), Cancelled);
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, Tiny.Picture)); // A small one still fits.

        slow.ForEach(client => client.Dispose());
        await UntilAsync(async () => await StatusAsync(server, picture) == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    public void MaxBytesInFlight_BelowTwiceMaxRequestBytes_IsInvalid(int more, int errors)
    {
        var options = new ResNetOptions { MaxRequestBytes = 1000, MaxBytesInFlight = 2000 + more };

        Assert.Equal(errors, options.Validate().Count);
    }

    private static Task<HttpResponseMessage> PostAsync(Server server) =>
        server.Client.PostAsync("/api/classify", new ByteArrayContent(Tiny.Picture), Cancelled);

    private static async Task<HttpStatusCode> StatusAsync(Server server, byte[] image)
    {
        using HttpResponseMessage response = await server.Client.PostAsync("/api/classify", new ByteArrayContent(image), Cancelled);
        return response.StatusCode;
    }

    // Announces a body, sends two bytes of it and no more.
    private static async Task<TcpClient> SlowUploadAsync(Server server, int announced)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port, Cancelled);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: {announced}\r\n\r\nab"), Cancelled);
        return client;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await condition())
            await Task.Delay(10, deadline.Token);
    }
}
