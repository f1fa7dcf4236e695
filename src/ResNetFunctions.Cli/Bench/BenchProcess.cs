using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ResNetFunctions.Api;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.Cli.Bench;

/// <summary>Measures one row of the table in its own process, because load time and peak memory belong to a
/// process.</summary>
internal static class BenchProcess
{
    public const string RowOption = "--row";

    /// <exception cref="IOException">The process failed.</exception>
    public static async Task<BenchRow> StartAsync(
        IEnumerable<string> arguments, string device, int cores, int atOnce, CancellationToken cancellationToken)
    {
        string self = Environment.ProcessPath!;
        IEnumerable<string> first = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(self, [.. first, "bench", .. arguments, RowOption, atOnce.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_PROCESSOR_COUNT"] = cores.ToString(CultureInfo.InvariantCulture);
        start.Environment["ResNet__Device"] = device;
        using Process process = Process.Start(start)!;
        string json = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize(json, BenchJson.Default.BenchRow)!
            : throw new IOException($"The process that measured {atOnce} at once on {cores} cores failed.");
    }

    /// <summary>Measures, and prints the row as JSON.</summary>
    public static async Task RunAsync(
        ResNetOptions options, IReadOnlyList<byte[]> pictures, int atOnce, TimeSpan time, CancellationToken cancellationToken)
    {
        int cores = Environment.ProcessorCount;
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
            Process.GetCurrentProcess().ProcessorAffinity = (nint)((1L << Math.Min(cores, 62)) - 1);

        options.MaxQueue = Math.Max(options.MaxQueue, atOnce);
        using var classifier = new Classifier(options);
        long loading = Stopwatch.GetTimestamp();
        await classifier.LoadAsync(null, cancellationToken);
        double load = Stopwatch.GetElapsedTime(loading).TotalMilliseconds;
        await classifier.ClassifyAsync(pictures[0], cancellationToken: cancellationToken);
        double firstAnswer = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds;

        await MeasureAsync(classifier, pictures, atOnce, time / 3, cancellationToken); // until all code is compiled
        (Latencies whole, Latencies runs, Latencies overhead, double perSecond) = await MeasureAsync(classifier, pictures, atOnce, time, cancellationToken);
        double peakMemory = PeakMemoryMiB();

        (long multiplyAdds, string numbers) = CostOf(classifier.Store);
        long operations = 2 * multiplyAdds;
        double together = Math.Min(atOnce, options.Turns);
        var row = new BenchRow(
            numbers, classifier.Device.Name, cores, atOnce, load, firstAnswer, whole.Percentile(0.5), whole.Percentile(0.95), whole.Percentile(0.99),
            overhead.Percentile(0.5), perSecond, operations * together / runs.Percentile(0.5) / 1e6, peakMemory)
        {
            NetworkMs = runs.Percentile(0.5),
        };
        Console.WriteLine(JsonSerializer.Serialize(row, BenchJson.Default.BenchRow));
    }

    private static (long MultiplyAdds, string Numbers) CostOf(ModelStore store)
    {
        Manifest manifest = store.Find(store.DefaultModel);
        ModelProto graph = OnnxFile.Read(store.Open(manifest));
        return (GraphCost.MultiplyAdds(graph, manifest.Input), GraphCost.Numbers(graph));
    }

    private static async Task<(Latencies Whole, Latencies Runs, Latencies Overhead, double PerSecond)> MeasureAsync(
        Classifier classifier, IReadOnlyList<byte[]> pictures, int atOnce, TimeSpan time, CancellationToken cancellationToken)
    {
        Latencies whole = new(), runs = new(), overhead = new();
        int next = 0;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(ClientAsync, cancellationToken)));
        return (whole, runs, overhead, whole.Count / Stopwatch.GetElapsedTime(started).TotalSeconds);

        async Task ClientAsync()
        {
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                byte[] picture = pictures[(int)((uint)Interlocked.Increment(ref next) % (uint)pictures.Count)];
                long asked = Stopwatch.GetTimestamp();
                Classification answer = await classifier.ClassifyAsync(picture, cancellationToken: cancellationToken);
                double took = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
                whole.Add(took);
                runs.Add(answer.Timings.InferenceMs);
                overhead.Add(took - answer.Timings.QueueMs - answer.Timings.InferenceMs);
            }
        }
    }

    // VmHWM is Linux's peak of resident memory.
    private static double PeakMemoryMiB()
    {
        const string Status = "/proc/self/status";
        if (File.Exists(Status)
            && File.ReadLines(Status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line)
        {
            return double.Parse(line.AsSpan(6).Trim().TrimEnd("kB"), CultureInfo.InvariantCulture) / 1024;
        }
        return Process.GetCurrentProcess().PeakWorkingSet64 / (double)(1 << 20);
    }
}
