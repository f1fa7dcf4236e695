using System.Net;
using ResNetFunctions.EndToEnd.Worker.Protocol;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>Clients that leave, a host that cancels, a host that ends the worker.</summary>
public sealed class LifetimeTests(Workers workers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invocation_ClientLeavesInTheMiddleOfTheBody_Ends()
    {
        FunctionsWorker worker = await workers.Default;
        using var http = new HttpClient();
        using var gone = new CancellationTokenSource();
        var body = new StallingContent(Workers.Sample);
        var (invocation, answer) = Send(worker, http, body, "gone", gone.Token);
        await body.Stalled.WaitAsync(Patience, Cancelled);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await invocation.WaitAsync(Patience, Cancelled);
        using HttpResponseMessage next = await worker.Client.ClassifyAsync(Workers.Sample);
        await next.IsOkAsync();
    }

    [Fact]
    public async Task Invocation_CancelledByTheHost_TellsTheClientToAskAgain()
    {
        FunctionsWorker worker = await workers.Default;
        using var http = new HttpClient();
        InvocationResponse ended;
        HttpResponseMessage response;
        int wait = 50;
        do
        {
            var body = new StallingContent(Workers.Sample);
            var (invocation, answer) = Send(worker, http, body, $"cancelled after {wait}", Cancelled);
            await body.Stalled.WaitAsync(Patience, Cancelled);
            await Task.Delay(wait, Cancelled);

            worker.Cancel($"cancelled after {wait}");

            ended = await invocation.WaitAsync(Patience, Cancelled);
            body.Release();
            response = await answer.WaitAsync(Patience, Cancelled);
            wait *= 2;
        }
        while (ended.Result.Status == StatusResult.Types.Status.Cancelled); // Before our code had begun.

        Assert.Equal(StatusResult.Types.Status.Success, ended.Result.Status);
        await response.IsProblemAsync(503, "overloaded");
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Terminate_WhileRequestsRun_AnswersThemAndExits()
    {
        await using FunctionsWorker worker = await Workers.StartAsync();
        using var http = new HttpClient();
        StallingContent[] bodies = [.. Enumerable.Range(0, 4).Select(_ => new StallingContent(Workers.Sample))];
        var requests = bodies.Select((body, i) => Send(worker, http, body, $"running-{i}", Cancelled)).ToArray();
        await Task.WhenAll(bodies.Select(body => body.Stalled)).WaitAsync(Patience, Cancelled);

        worker.Terminate();
        await Task.Delay(500, Cancelled); // It is shutting down by now, and waits for these four.
        Assert.False(worker.Process.HasExited);
        foreach (StallingContent body in bodies)
            body.Release();

        foreach (Task<HttpResponseMessage> answer in requests.Select(request => request.Answer))
            Assert.Equal(HttpStatusCode.OK, (await answer.WaitAsync(Patience, Cancelled)).StatusCode);
        await worker.Process.WaitForExitAsync(Cancelled).WaitAsync(Patience, Cancelled);
        Assert.Equal(0, worker.Process.ExitCode);
    }

    [Fact]
    public async Task Worker_AfterManyRequests_HasWrittenNothingBelowItsRoot()
    {
        string app = await PublishedApp.FolderAsync();
        string[] before = Listing(app);
        await using (FunctionsWorker worker = await Workers.StartAsync())
        {
            await (await worker.Client.ClassifyAsync(Workers.Sample)).IsOkAsync();
            worker.Terminate();
            await worker.Process.WaitForExitAsync(Cancelled).WaitAsync(Patience, Cancelled);
        }
        Assert.Equal(before, Listing(app));
    }

    private static (Task<InvocationResponse> Invocation, Task<HttpResponseMessage> Answer) Send(
        FunctionsWorker worker, HttpClient http, HttpContent body, string invocationId, CancellationToken gone)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(worker.Client.BaseAddress!, "api/classify")) { Content = body };
        request.Headers.Add("x-ms-invocation-id", invocationId);
        return (worker.InvokeAsync("ClassifyImage", new TypedData { Http = new RpcHttp() }, invocationId), http.SendAsync(request, gone));
    }

    private static string[] Listing(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(entry => $"{entry.FullName} {entry.LastWriteTimeUtc:O}").Order(StringComparer.Ordinal)];
}
