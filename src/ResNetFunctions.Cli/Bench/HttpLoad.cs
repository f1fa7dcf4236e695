using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace ResNetFunctions.Cli.Bench;

/// <summary>Sends pictures to a server from several clients at once. No two requests have the same bytes.</summary>
internal sealed class HttpLoad(Uri server, string? key, IReadOnlyList<byte[]> pictures)
{
    // .NET recompiles hot code in the first seconds of a process, which takes a core from the load.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private long _number;

    public async Task<List<HttpRow>> RunAsync(IEnumerable<int> levels, TimeSpan time, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = server };
        if (key is not null)
            http.DefaultRequestHeaders.Add("x-functions-key", key);

        List<HttpRow> rows = [];
        foreach (int clients in levels)
        {
            await RunAsync(http, clients, WarmUp, cancellationToken);
            rows.Add(await RunAsync(http, clients, time, cancellationToken));
        }
        return rows;
    }

    private async Task<HttpRow> RunAsync(HttpClient http, int clients, TimeSpan time, CancellationToken cancellationToken)
    {
        var latencies = new Latencies();
        int failed = 0;
        string? failure = null;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(ClientAsync, cancellationToken)));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new HttpRow(
            clients, latencies.Count / seconds, latencies.Percentile(0.5), latencies.Percentile(0.95),
            latencies.Percentile(0.99), failed, failure);

        async Task ClientAsync()
        {
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                long asked = Stopwatch.GetTimestamp();
                try
                {
                    string? problem = await AskAsync(http, cancellationToken);
                    if (problem is null)
                    {
                        latencies.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                        continue;
                    }
                    failure = problem;
                }
                catch (HttpRequestException e)
                {
                    failure = e.Message;
                }
                Interlocked.Increment(ref failed);
            }
        }
    }

    // Null, or what was wrong with the answer.
    private async Task<string?> AskAsync(HttpClient http, CancellationToken cancellationToken)
    {
        long number = Interlocked.Increment(ref _number);
        (byte[] head, ReadOnlyMemory<byte> rest) = BenchPictures.Vary(pictures[(int)(number % pictures.Count)], number);
        using var content = new TwoParts(head, rest);
        using HttpResponseMessage answer = await http.PostAsync("/api/classify", content, cancellationToken);
        byte[] json = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK)
            return $"HTTP {(int)answer.StatusCode}";
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("predictions", out _) ? null : "An answer without predictions.";
    }

    private sealed class TwoParts(byte[] head, ReadOnlyMemory<byte> rest) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(head);
            await stream.WriteAsync(rest);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = head.Length + rest.Length;
            return true;
        }
    }
}
