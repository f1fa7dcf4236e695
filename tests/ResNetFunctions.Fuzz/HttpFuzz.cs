using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using ResNetFunctions.Imaging.Decoding;

namespace ResNetFunctions.Fuzz;

/// <summary>Posts inputs to a real server. It must answer each in time, in the contract's form, with no 5xx except 503, and
/// must neither end nor grow.</summary>
internal static partial class HttpFuzz
{
    private const int Clients = 4;
    private const int Progress = 10_000;
    // Memory of the garbage collector and pools varies by this much.
    private const double MaxGrowthMiB = 128;

    /// <returns>0 if nothing was wrong, else 1.</returns>
    public static async Task<int> RunAsync(
        Inputs inputs, IRequests requests, ImageDecoder decoder, TextWriter output, CancellationToken cancellationToken)
    {
        await using TinyServer server = await TinyServer.StartAsync(
            "http://127.0.0.1:0", new Dictionary<string, string> { ["ResNet__Decoder"] = decoder.ToString() }, cancellationToken);
        var statuses = new ConcurrentDictionary<string, int>();
        var faults = new ConcurrentQueue<string>();
        var slow = new ConcurrentQueue<int>();
        double level = 0;
        int done = 0;
        long started = Stopwatch.GetTimestamp();

        await Parallel.ForEachAsync(
            inputs.Numbers, new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = cancellationToken }, async (number, _) =>
            {
                if (server.HasExited)
                    return;
                (string status, TimeSpan time, string? fault) = await AskAsync(server, inputs, number, requests);
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                if (time.TotalSeconds > inputs.MaxSeconds)
                    slow.Enqueue(number);
                if (fault is not null)
                    faults.Enqueue($"input {number}: {fault}");
                int count = Interlocked.Increment(ref done);
                if (count == inputs.Count / 10)
                    level = server.MemoryMiB;
                if (count % Progress == 0)
                    await output.WriteLineAsync($"{count} done, about --from {inputs.From + count}: {Stopwatch.GetElapsedTime(started):hh\\:mm\\:ss}, {server.MemoryMiB:F0} MiB, {faults.Count} faults");
            });

        // Other work may slow it down: a slow input is a hang only if it is as slow alone, in processor time or waiting for
        // something else.
        TimeSpan slowest = default;
        foreach (int number in slow)
        {
            TimeSpan before = server.ProcessorTime;
            TimeSpan time = (await AskAsync(server, inputs, number, requests)).Time;
            TimeSpan busy = server.ProcessorTime - before;
            slowest = busy > slowest ? busy : slowest;
            if (busy.TotalSeconds > inputs.MaxSeconds || time.TotalSeconds > 10 * inputs.MaxSeconds)
                faults.Enqueue($"input {number}: {time.TotalSeconds:F1} s, {busy.TotalSeconds:F1} s of a processor");
        }

        if (server.HasExited)
        {
            faults.Enqueue("the server ended: " + string.Join('\n', server.Errors.TakeLast(20)));
        }
        else
        {
            // A short run ends while the runtime still warms up.
            if (inputs.Count >= Progress)
            {
                await SettleAsync(server, inputs, requests, level + MaxGrowthMiB);
                if (server.MemoryMiB - level > MaxGrowthMiB)
                    faults.Enqueue($"memory grew by {server.MemoryMiB - level:F0} MiB since the first tenth");
            }
            await output.WriteLineAsync(
                $"memory: {level:F0} MiB after a tenth, {server.MemoryMiB:F0} MiB at the end, {server.PeakMemoryMiB:F0} MiB at most; "
                + $"processor time {server.ProcessorTime.TotalSeconds:F0} s; {slow.Count} were slow at first, the slowest alone {slowest.TotalSeconds:F1} s of a processor");
        }
        await output.WriteLineAsync($"{done} inputs of seed {inputs.Seed} from {inputs.From}, decoder {decoder}, in {Stopwatch.GetElapsedTime(started):hh\\:mm\\:ss}");
        foreach ((string status, int count) in statuses.OrderBy(entry => entry.Key))
            await output.WriteLineAsync($"  {count,7} {status}");
        foreach (string fault in faults.Take(50))
            await output.WriteLineAsync("FAULT " + fault);
        await output.WriteLineAsync(faults.IsEmpty ? "no fault" : $"{faults.Count} faults");
        return faults.IsEmpty ? 0 : 1;
    }

    private static async Task<(string Status, TimeSpan Time, string? Fault)> AskAsync(
        TinyServer server, Inputs inputs, int number, IRequests requests)
    {
        (string route, HttpContent content) = requests.MakeFor(inputs.RandomFor(number));
        using HttpContent body = content;
        long started = Stopwatch.GetTimestamp();
        try
        {
            using HttpResponseMessage response = await server.Client.PostAsync(route, body);
            string text = await response.Content.ReadAsStringAsync();
            TimeSpan time = Stopwatch.GetElapsedTime(started);
            int status = (int)response.StatusCode;
            using var answer = JsonDocument.Parse(text);
            string shown = status == 200 ? "200" : $"{status} {CodeOf(answer.RootElement)}";
            string? fault = status >= 500 && status != 503 ? "a 5xx"
                : Leak().IsMatch(text) ? "a path or a stack in the answer: " + text
                : requests.Fault(status, answer.RootElement);
            return (shown, time, fault is null ? null : $"{shown}: {fault}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or KeyNotFoundException)
        {
            return ("no answer", Stopwatch.GetElapsedTime(started), e.Message);
        }
    }

    /// <summary>The stable code of an error: of a problem, or inside a dialect's own.</summary>
    public static string? CodeOf(JsonElement error)
    {
        if (error.TryGetProperty("error", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object)
            error = inner;
        return (error.TryGetProperty("reason", out JsonElement reason) ? reason : error.GetProperty("code")).GetString();
    }

    // Pools release memory after a while, at a collection: two minutes of small pictures at most.
    private static async Task SettleAsync(TinyServer server, Inputs inputs, IRequests requests, double enough)
    {
        for (int i = 0; i < 120 && server.MemoryMiB > enough; i++)
        {
            for (int j = 0; j < 100; j++)
                await AskAsync(server, inputs, inputs.From + (j % inputs.Count), requests);
            await Task.Delay(1_000);
        }
    }

    [GeneratedRegex(@"/(tmp|work|home|usr|src)/|\.cs:line|^\s+at \w+\.|Exception", RegexOptions.Multiline)]
    private static partial Regex Leak();
}
