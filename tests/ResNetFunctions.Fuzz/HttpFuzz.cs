using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Fuzz;

/// <summary>Posts inputs to a real server: it must answer every one within two seconds, with no 5xx but 503, in the
/// contract's form, and must neither end nor grow.</summary>
internal static partial class HttpFuzz
{
    private const int Clients = 4;
    private const int Progress = 10_000;
    private const double MaxGrowthMiB = 64;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);

    /// <summary>Runs the inputs, and prints what came of them.</summary>
    /// <returns>0 where nothing was wrong, else 1.</returns>
    public static async Task<int> RunAsync(
        Inputs inputs, IRequests requests, ImageDecoder decoder, TextWriter output, CancellationToken cancellationToken)
    {
        await using ServeProcess server = await ServeProcess.StartAsync(decoder, cancellationToken);
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
                if (time > MaxTime)
                    slow.Enqueue(number);
                if (fault is not null)
                    faults.Enqueue($"input {number}: {fault}");
                int count = Interlocked.Increment(ref done);
                if (count == inputs.Count / 10)
                    level = server.MemoryMiB;
                if (count % Progress == 0)
                    await output.WriteLineAsync($"{count} done, about --from {inputs.From + count}: {Stopwatch.GetElapsedTime(started):hh\\:mm\\:ss}, {server.MemoryMiB:F0} MiB, {faults.Count} faults");
            });

        // Others may keep the processor busy: what was slow is a hang if it is slow each time, alone.
        double slowest = 0;
        foreach (int number in slow)
        {
            double best = double.MaxValue;
            for (int i = 0; i < 3 && best > MaxTime.TotalSeconds && !server.HasExited; i++)
                best = Math.Min(best, (await AskAsync(server, inputs, number, requests)).Time.TotalSeconds);
            slowest = Math.Max(slowest, best);
            if (best > MaxTime.TotalSeconds)
                faults.Enqueue($"input {number}: {best:F1} s, at its quickest");
        }

        if (server.HasExited)
        {
            faults.Enqueue("the server ended: " + string.Join('\n', server.Errors.TakeLast(20)));
        }
        else
        {
            await SettleAsync(server, inputs, requests, cancellationToken);
            double growth = server.MemoryMiB - level;
            if (growth > MaxGrowthMiB)
                faults.Enqueue($"memory grew by {growth:F0} MiB since the first tenth");
            await output.WriteLineAsync(
                $"memory: {level:F0} MiB after a tenth, {server.MemoryMiB:F0} MiB at the end, {server.PeakMemoryMiB:F0} MiB at most; "
                + $"processor time {server.ProcessorTime.TotalSeconds:F0} s; {slow.Count} were slow at first, the slowest alone {slowest:F1} s");
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
        ServeProcess server, Inputs inputs, int number, IRequests requests)
    {
        using HttpContent content = requests.Make(inputs.RandomFor(number));
        long started = Stopwatch.GetTimestamp();
        try
        {
            using HttpResponseMessage response = await server.Client.PostAsync("api/classify", content);
            string text = await response.Content.ReadAsStringAsync();
            TimeSpan time = Stopwatch.GetElapsedTime(started);
            int status = (int)response.StatusCode;
            using var answer = JsonDocument.Parse(text);
            string shown = status == 200 ? "200" : $"{status} {answer.RootElement.GetProperty("code").GetString()}";
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

    // A minute without bombs, at most: the pools let go of what they hold only then.
    private static async Task SettleAsync(ServeProcess server, Inputs inputs, IRequests requests, CancellationToken cancellationToken)
    {
        for (int i = 0; i < 500; i++)
            await AskAsync(server, inputs, inputs.From + (i % Math.Max(1, Math.Min(50, inputs.Count))), requests);
        await Task.Delay(TimeSpan.FromSeconds(inputs.Count > Progress ? 30 : 0), cancellationToken);
    }

    [GeneratedRegex(@"/(tmp|work|home|usr|src)/|\.cs:line|^\s+at \w+\.|Exception", RegexOptions.Multiline)]
    private static partial Regex Leak();
}
