using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ResNetFunctions.EndToEnd.Page;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The worker against <c>resnet serve</c>, each in its own process, in turn. <code>dotnet run --project
/// tests/ResNetFunctions.EndToEnd -c Release -- -explicit only -class "*Worker.Figures" -showLiveOutput</code></summary>
public sealed class Figures(ITestOutputHelper output)
{
    // The best of so many: other work on the machine only makes it slower.
    private const int Launches = 7, Rounds = 8, Requests = 60, Pairs = 100, Series = 8;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task WorkerBesideServe()
    {
        // As a package holds it: the graph.
        string trained = Path.Combine(PageServers.Root(), "..", "shared", "reference", "resnet18-trained.pth");
        Assert.SkipUnless(File.Exists(trained), "Skipped: ../shared is not here.");
        using var graph = new TemporaryGraph(trained);
        (string, string)[] settings =
        [
            ("ResNet__ModelsPath", Path.Combine(PageServers.Root(), "models")), ("ResNet__DefaultModel", "resnet18"), ("ResNet__Weights", graph.Path),
        ];
        List<double> workerStarts = [], serveStarts = [];
        for (int i = 0; i < Launches; i++)
        {
            workerStarts.Add(await TimeAsync(async () =>
            {
                await using FunctionsWorker first = await Workers.StartAsync(settings);
                await ClassifyAsync(first.Client);
            }));
            serveStarts.Add(await TimeAsync(async () =>
            {
                using Process first = Serve(settings, out Uri address);
                using var client = new HttpClient { BaseAddress = address };
                await ClassifyWhenUpAsync(client);
                first.Kill();
            }));
        }
        output.WriteLine($"launch to first answer: worker {workerStarts.Min():F0} ms, serve {serveStarts.Min():F0} ms");

        await using FunctionsWorker worker = await Workers.StartAsync(settings);
        await using FunctionsWorker oneThread = await Workers.StartAsync([.. settings, ("ResNet__IntraOpThreads", "1")]);
        using Process serve = Serve(settings, out Uri serveAddress);
        using var toServe = new HttpClient { BaseAddress = serveAddress };
        HttpClient[] targets = [worker.Client, oneThread.Client, toServe];
        foreach (HttpClient target in targets)
        {
            await ClassifyWhenUpAsync(target);
            await LoadAsync(target, 4, 200);
        }
        foreach (int clients in new[] { 1, 4, 16 })
        {
            List<double>[] rates = [[], [], []];
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < targets.Length; i++)
                    rates[i].Add(await LoadAsync(targets[i], clients, Requests));
            }
            double[] best = [.. rates.Select(Enumerable.Max)];
            output.WriteLine($"{clients} clients: worker {best[0]:F1}/s, worker with one thread a run {best[1]:F1}/s, serve {best[2]:F1}/s");
        }

        // A few requests to each in turn, so that other work on the machine slows both alike.
        foreach ((string what, Func<HttpClient, Task> ask) in new (string, Func<HttpClient, Task>)[] { ("api/classify", ClassifyAsync), ("api/health/live", AskWhetherAliveAsync) })
        {
            List<double> differences = [];
            for (int i = 0; i < Pairs; i++)
                differences.Add((await SeriesAsync(worker.Client) - await SeriesAsync(toServe)) / Series);
            differences.Sort();
            output.WriteLine($"the worker adds to {what} {Quantile(0.5):F2} ms ({Quantile(0.25):F2} to {Quantile(0.75):F2} in half of {Pairs} pairs)");

            Task<double> SeriesAsync(HttpClient client) => TimeAsync(async () =>
            {
                for (int i = 0; i < Series; i++)
                    await ask(client);
            });

            double Quantile(double share) => differences[(int)(share * Pairs)];
        }
        serve.Kill();
    }

    private static Process Serve((string, string)[] settings, out Uri address)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
        free.Stop();
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "resnet.dll"), "serve", "--urls", address.AbsoluteUri, "--storage", "none"])
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    // Requests a second.
    private static async Task<double> LoadAsync(HttpClient client, int clients, int requests)
    {
        int left = requests;
        double all = await TimeAsync(() => Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await ClassifyAsync(client);
        })));
        return requests / all * 1000;
    }

    // The worker's peak memory from its first start on an empty disk, with 400 requests of 16 clients.
    [Fact(Explicit = true)]
    public async Task WorkerMemory()
    {
        string trained = Path.Combine(PageServers.Root(), "..", "shared", "reference", "resnet18-trained.pth");
        Assert.SkipUnless(File.Exists(trained), "Skipped: ../shared is not here.");
        using var graph = new TemporaryGraph(trained);
        await using FunctionsWorker worker = await Workers.StartAsync(
            ("ResNet__ModelsPath", Path.Combine(PageServers.Root(), "models")), ("ResNet__DefaultModel", "resnet18"), ("ResNet__Weights", graph.Path));
        await LoadAsync(worker.Client, 16, 400);

        string[] memory = await File.ReadAllLinesAsync($"/proc/{worker.Process.Id}/status", Cancelled);
        foreach (string name in (string[])["VmHWM", "VmRSS", "RssAnon", "RssFile"])
            output.WriteLine(memory.First(line => line.StartsWith(name, StringComparison.Ordinal)));
    }

    private static async Task AskWhetherAliveAsync(HttpClient client)
    {
        using HttpResponseMessage answer = await client.GetAsync("api/health/live", Cancelled);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task ClassifyAsync(HttpClient client)
    {
        using HttpResponseMessage answer = await client.ClassifyAsync(Workers.Sample);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task ClassifyWhenUpAsync(HttpClient client)
    {
        while (true)
        {
            try
            {
                await ClassifyAsync(client);
                return;
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException)
            {
                await Task.Delay(10, Cancelled);
            }
        }
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        long started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
