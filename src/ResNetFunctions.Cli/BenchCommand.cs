using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ResNetFunctions.Api;
using ResNetFunctions.Cli.Bench;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Cli;

/// <summary><c>resnet bench</c>: measures the model on this machine, or a server.</summary>
internal static class BenchCommand
{
    private const int MostAtOnce = 1024;

    private static readonly int[] Clients = [1, 4, 16], OnGpu = [1, 8, 32];

    public static ExampleCommand Create()
    {
        var folder = new Argument<DirectoryInfo?>("DIR")
        {
            Description = "A folder of photos. Without it, pictures that are drawn here.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> model = CommonOptions.Model();
        Option<FileInfo?> weights = CommonOptions.Weights();
        var http = new Option<Uri?>("--http")
        {
            Description = "Drive the server at this address instead, with 1, 4 and 16 clients.",
            HelpName = "URL",
            CustomParser = argument =>
            {
                if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.Scheme is ("http" or "https"))
                    return url;
                argument.AddError("--http takes the address of a server, such as http://127.0.0.1:7080.");
                return null;
            },
        };
        var key = new Option<string?>("--key") { Description = "The server's key." };
        var atOnce = new Option<int[]>("--at-once")
        {
            Description = "How many pictures are asked for at a time, or with --http how many clients ask: a row for each number.",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        atOnce.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int[]>() is { } numbers && numbers.Any(number => number is < 1 or > MostAtOnce))
                result.AddError($"--at-once takes numbers from 1 to {MostAtOnce}.");
        });
        var seconds = new Option<double>("--seconds") { Description = "How long each row is measured.", DefaultValueFactory = _ => 5 };
        var json = new Option<bool>("--json") { Description = "JSON instead of a table." };
        var row = new Option<int?>(BenchProcess.RowOption) { Arity = ArgumentArity.ExactlyOne, Hidden = true };

        var command = new ExampleCommand("bench", "Measure time, throughput and memory.", "resnet bench --http http://127.0.0.1:7080") { folder, model, weights, http, key, atOnce, seconds, json, row };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var time = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            int[] numbers = parsed.GetRequiredValue(atOnce);
            List<byte[]> pictures = Pictures(parsed.GetValue(folder));
            if (parsed.GetValue(http) is { } server)
            {
                List<HttpRow> rows = await new HttpLoad(server, parsed.GetValue(key), pictures).RunAsync(numbers.Length > 0 ? numbers : Clients, time, cancellationToken);
                Print(rows, parsed.GetValue(json));
                return rows.All(measured => measured.Failed == 0) ? 0 : 1;
            }

            ResNetOptions options = CommonOptions.Settings(CommonOptions.Configuration(), parsed.GetValue(model), parsed.GetValue(weights));
            if (parsed.GetValue(row) is { } together)
            {
                await BenchProcess.RunAsync(options, pictures, together, time, cancellationToken);
                return 0;
            }
            string[] same = parsed.GetValue(folder) is { } dir ? [dir.FullName] : [];
            Print(await MeasureAsync(options, same, numbers, time, cancellationToken), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    // The default model and its int8 and float16 forms where there are such; on one core and on all, one picture at a time
    // and as many as keep the cores busy. On a GPU: one at a time, and batches.
    private static async Task<List<BenchRow>> MeasureAsync(
        ResNetOptions options, string[] same, int[] numbers, TimeSpan time, CancellationToken cancellationToken)
    {
        string device = options.DeviceChoice.Name;
        string seconds = time.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        var store = new ModelStore(options);
        string name = store.DefaultModel;
        using var generated = GeneratedWeights.WhereMissing(store, name);
        string? weights = generated?.Path ?? options.Weights;
        string[] own = ["--model", name, .. weights is { Length: > 0 } ? ["--weights", weights] : Array.Empty<string>()];
        List<string[]> models = [own];
        foreach (string form in (string[])[name + "-int8", name + "-float16"])
        {
            if (store.List().FirstOrDefault(manifest => manifest.Name == form) is { } manifest && store.Has(manifest))
                models.Add(["--model", form]);
        }

        // Make everything that is made on first use before measuring.
        int cores = Environment.ProcessorCount;
        foreach (string[] model in models)
            await BenchProcess.StartAsync([.. model, .. same, "--seconds", "0.1"], device, cores, 1, cancellationToken);

        Dictionary<(string Numbers, int Cores), Peak> peaks = [];
        List<BenchRow> rows = [];
        HashSet<(int, int)> measured = numbers.Length > 0 ? [.. numbers.Select(number => (cores, number))]
            : device == "cpu" ? [(1, 1), (cores, 1), (cores, 2 * cores)]
            : [.. OnGpu.Select(number => (cores, number))];
        foreach ((int on, int atOnce) in measured)
        {
            foreach (string[] model in models)
            {
                BenchRow row = await BenchProcess.StartAsync([.. model, .. same, "--seconds", seconds], device, on, atOnce, cancellationToken);
                rows.Add(device == "cpu" ? AgainstPeak(row, peaks) : row);
            }
        }
        return rows;
    }

    private static BenchRow AgainstPeak(BenchRow row, Dictionary<(string Numbers, int Cores), Peak> peaks)
    {
        if (!peaks.TryGetValue((row.Numbers, row.Cores), out Peak? peak))
            peaks[(row.Numbers, row.Cores)] = peak = Peak.Measure(row.Numbers, row.Cores);
        return row with
        {
            ShareOfPeak = row.GigaflopsPerSecond / peak.GigaopsPerSecond,
            Peak = peak.Instruction,
            PeakGigaopsPerSecond = peak.GigaopsPerSecond,
        };
    }

    private static void Print(List<BenchRow> rows, bool json)
    {
        Print(
            rows, json, BenchJson.Default.ListBenchRow,
            "| numbers | device | cores | at once | load ms | first answer ms | p50 ms | p95 ms | p99 ms | overhead ms | pictures/s | GFLOP/s | of peak | MiB |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            static r => $"| {r.Numbers} | {r.Device} | {r.Cores} | {r.AtOnce} | {r.LoadMs:F0} | {r.FirstAnswerMs:F0} | {r.P50Ms:F1} | {r.P95Ms:F1} | {r.P99Ms:F1} "
                + $"| {r.OverheadMs:F1} | {r.PicturesPerSecond:F1} | {r.GigaflopsPerSecond:F0} | {(r.Peak.Length > 0 ? $"{r.ShareOfPeak:F2}" : "")} | {r.PeakMemoryMiB:F0} |");
        if (json)
            return;
        Console.WriteLine();
        foreach (BenchRow r in rows.Where(row => row.Peak.Length > 0).DistinctBy(row => (row.Numbers, row.Cores)))
            Console.WriteLine($"Peak of {r.Numbers} on {r.Cores} core{(r.Cores > 1 ? "s" : "")}: {r.PeakGigaopsPerSecond:F0} GFLOP/s ({r.Peak}).");
    }

    private static void Print(List<HttpRow> rows, bool json) => Print(
        rows, json, BenchJson.Default.ListHttpRow,
        "| clients | requests/s | p50 ms | p95 ms | p99 ms | failed |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
        static r => $"| {r.Clients} | {r.RequestsPerSecond:F1} | {r.P50Ms:F1} | {r.P95Ms:F1} | {r.P99Ms:F1} | {r.Failed}{(r.Failure is null ? "" : ": " + r.Failure)} |");

    private static void Print<T>(List<T> rows, bool json, JsonTypeInfo<List<T>> type, string header, string alignment, Func<T, string> line)
    {
        string[] lines = json ? [JsonSerializer.Serialize(rows, type)] : [header, alignment, .. rows.Select(line)];
        Array.ForEach(lines, Console.WriteLine);
    }

    /// <exception cref="IOException">The folder has no images.</exception>
    private static List<byte[]> Pictures(DirectoryInfo? folder)
    {
        if (folder is null)
            return BenchPictures.Generate();
        List<byte[]> pictures = [.. ImageFiles.Expand([folder.FullName]).Select(File.ReadAllBytes)];
        return pictures.Count > 0 ? pictures : throw new IOException($"There are no images in {folder.FullName}.");
    }
}
