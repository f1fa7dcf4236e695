using System.Diagnostics;
using System.Globalization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.DependencyInjection;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.EndToEnd.Blobs;

namespace ResNetFunctions.EndToEnd.Queue;

/// <summary>The figures of docs/scale-and-cost.md: a walk's speed and memory, and the queue's overhead. <code>dotnet run
/// --project tests/ResNetFunctions.EndToEnd -c Release -- -explicit only -class "*WalkFigures"
/// -showLiveOutput</code></summary>
[Collection(nameof(Sequential))]
public sealed class WalkFigures(AzuriteFixture azurite, BlobModels models, ITestOutputHelper output) : QueueTest(azurite, models)
{
    // By default; RESNET_WALK_IMAGES names another number, for a slow machine.
    private const int MaxImages = 100_000;
    private const int Rounds = 12, Pictures = 2 * WorkMessage.MaxImages;

    /// <summary>Fills a container with small images, every second with its result.</summary>
    internal static async Task FillAsync(BlobContainerClient container, int images)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, images), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (i, _) =>
        {
            BlobContentInfo image = await container.GetBlobClient(Image(i)).UploadAsync(new BinaryData("x"), Cancel);
            if (i % 2 == 1)
            {
                Dictionary<string, string> metadata = new ResultMetadata(
                    container.Name, ResultMetadata.Plain(image.ETag), ResultMetadata.Classified, "sha").Write();
                await container.GetBlobClient(Image(i) + ResultName.Suffix)
                    .UploadAsync(new BinaryData("{}"), new BlobUploadOptions { Metadata = metadata }, Cancel);
            }
        });
    }

    /// <summary>The images of <see cref="FillAsync"/> that need work.</summary>
    internal static IEnumerable<string> WithoutResult(int images) => Enumerable.Range(0, images / 2).Select(i => Image(2 * i));

    [Fact(Explicit = true)]
    public async Task WalkOver100000()
    {
        int images = int.TryParse(Environment.GetEnvironmentVariable("RESNET_WALK_IMAGES"), out int fewer) ? fewer : MaxImages;
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await FillAsync(container, images);
        using ResnetCommand command = ResnetCommand.Start(
            Models.Options(), ["blobs", "backfill", "--queue", "--container", container.Name, "--storage", await Azurite.ConnectionStringAsync()],
            ("Blobs__WorkQueue", Name));
        string id = (await command.UntilLineAsync("Started the walk ")).Split(' ')[3].TrimEnd('.');
        await using ServiceProvider host = await HostAsync(container);
        List<(long Listed, double MiB)> memory = [];
        for (WalkState walk = await StateAsync(host, id); walk.Status == WalkStatus.Listing; walk = await StateAsync(host, id))
        {
            memory.Add((walk.Listed, MiB(command.Id, "VmRSS")));
            await Task.Delay(500, Cancel);
        }
        double peak = memory.Max(sample => sample.MiB);

        Assert.Equal(0, (await command.EndAsync()).Code);
        WalkState over = await StateAsync(host, id);
        Assert.Equal((images, images / 2), (over.Listed, over.Enqueued));
        double seconds = (over.Updated - over.Started).TotalSeconds;
        output.WriteLine($"{images:N0} images and {images / 2:N0} results in {seconds:F1} s: {images / seconds:F0} images a second, {images / 2 / seconds:F0} enqueued; "
            + $"memory {memory.First(sample => sample.Listed >= images / 10).MiB:F0} MiB after a tenth, {memory[^1].MiB:F0} at the end, {peak:F0} at most");
    }

    [Fact(Explicit = true)]
    public async Task QueueBesideDirect()
    {
        BlobContainerClient container = await Azurite.CreateContainerAsync();
        await using ServiceProvider host = await HostAsync(container);
        List<double> differences = [], direct = [];
        for (int round = -2; round < Rounds; round++)
        {
            string[] ofDirect = await UploadManyAsync(container, $"{round}/direct"), ofQueue = await UploadManyAsync(container, $"{round}/queue");
            foreach (WorkMessage message in Message(container).Pack(ofQueue))
                await host.GetRequiredService<WorkQueues>().Images.SendAsync(message.Write(), TimeSpan.Zero, Cancel);

            Func<Task> byItself = () => DirectAsync(host, container, ofDirect), byQueue = () => QueuedAsync(host);
            double first = await CpuAsync(round % 2 == 0 ? byItself : byQueue), second = await CpuAsync(round % 2 == 0 ? byQueue : byItself);
            if (round < 0)
                continue; // The runtime compiles.
            (double alone, double queued) = round % 2 == 0 ? (first, second) : (second, first);
            differences.Add((queued - alone) / Pictures);
            direct.Add(alone / Pictures);
        }
        differences.Sort();
        direct.Sort();
        output.WriteLine($"the queue adds {differences[Rounds / 2]:F2} ms of a core to a picture ({differences[Rounds / 4]:F2} to {differences[Rounds * 3 / 4]:F2} in half of {Rounds} rounds), "
            + $"which takes {direct[Rounds / 2]:F2} ms without");
    }

    private static async Task DirectAsync(ServiceProvider host, BlobContainerClient container, string[] images)
    {
        foreach (string image in images)
            await host.GetRequiredService<BlobClassifier>().ClassifyAsync(container.GetBlobClient(image), Cancel);
    }

    private async Task QueuedAsync(ServiceProvider host)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        int left = Pictures;
        QueuedImages images = host.GetRequiredService<QueuedImages>();
        images.Done = (_, _) => Interlocked.Decrement(ref left);
        Task working = new QueueWorker(
            host.GetRequiredService<WorkQueues>().Images, images.ProcessAsync, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).RunAsync(over.Token);
        while (Volatile.Read(ref left) > 0)
            await Task.Delay(20, Cancel);
        await over.CancelAsync();
        await working;
        Assert.Equal(0, await CountAsync());
    }

    private static async Task<string[]> UploadManyAsync(BlobContainerClient container, string prefix)
    {
        string[] names = [.. Enumerable.Range(0, Pictures).Select(i => $"{prefix}/{i:D3}.png")];
        await Parallel.ForEachAsync(names, Cancel, async (name, _) => await UploadAsync(container, name, Picture(1)));
        return names;
    }

    // Milliseconds of all this process's threads.
    private static async Task<double> CpuAsync(Func<Task> work)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        await work();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds;
    }

    private static double MiB(int process, string field)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private static string Image(int i) => $"{i:D6}.png";
}
