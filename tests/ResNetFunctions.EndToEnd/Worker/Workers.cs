using ResNetFunctions.EndToEnd.Page;

[assembly: AssemblyFixture(typeof(ResNetFunctions.EndToEnd.Worker.Workers))]

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The workers that tests share.</summary>
public sealed class Workers : IAsyncDisposable
{
    private readonly DirectoryInfo _models = Directory.CreateTempSubdirectory("resnet-worker-models-");
    private readonly Lazy<Task<FunctionsWorker>> _default, _narrow, _foreign;
    private readonly Lock _startingWithStorage = new();
    private Task<FunctionsWorker>? _withStorage;

    public Workers()
    {
        foreach (string name in new[] { "resnet18-mlnet.json", "imagenet-1k.tsv", "imagenet-1k.zh.tsv" })
            File.Copy(Path.Combine(PageServers.Root(), "models", name), Path.Combine(_models.FullName, name));
        _default = new(() => StartAsync());
        _foreign = new(() => StartAsync(("ResNet__ClientKey", ClientKey)));
        _narrow = new(() => StartAsync(
            ("ResNet__MaxImageBytes", $"{Sample.Length}"),
            ("ResNet__MaxImagePixels", $"{SamplePixels}"),
            ("ResNet__MaxRequestBytes", $"{NarrowRequestBytes}"),
            ("ResNet__MaxConcurrency", "1"),
            ("ResNet__MaxQueue", "0")));
    }

    /// <summary>samples/alps.jpg.</summary>
    public static byte[] Sample { get; } = File.ReadAllBytes(Path.Combine(PageServers.Root(), "samples", "alps.jpg"));

    public const string ClientKey = "a key for clients";

    public const int SamplePixels = 500 * 375;

    public const int NarrowRequestBytes = 100_000;

    /// <summary>A models folder with the manifest and the labels of the bundled model, and no weights.</summary>
    public string WithoutWeights => _models.FullName;

    /// <summary>Has the bundled model, no storage, and every setting else but the wait at its default.</summary>
    internal Task<FunctionsWorker> Default => _default.Value;

    /// <summary>As <see cref="Default"/>, with routes for clients of other services.</summary>
    internal Task<FunctionsWorker> WithClientKey => _foreign.Value;

    /// <summary>With the smallest limits that accept the sample; one request at a time, and no queue.</summary>
    internal Task<FunctionsWorker> Narrow => _narrow.Value;

    /// <summary>As <see cref="Default"/>, and the images are in Azurite.</summary>
    internal Task<FunctionsWorker> WithStorageAsync(AzuriteFixture azurite)
    {
        async Task<FunctionsWorker> StartAsync() => await Workers.StartAsync(("ImageStorage", await azurite.ConnectionStringAsync()));
        lock (_startingWithStorage)
            return _withStorage ??= StartAsync();
    }

    /// <summary>Starts one with the bundled model, unless the settings say otherwise.</summary>
    internal static async Task<FunctionsWorker> StartAsync(params (string Name, string Value)[] settings) =>
        await StartAsync(await PublishedApp.FolderAsync(), settings);

    /// <summary>Starts the one in that folder.</summary>
    internal static Task<FunctionsWorker> StartAsync(string app, params (string Name, string Value)[] settings)
    {
        Dictionary<string, string> all = new()
        {
            ["ResNet__QueueTimeout"] = "00:05:00", // The machine may be busy with other tests.
        };
        foreach ((string name, string value) in settings)
            all[name] = value;
        return FunctionsWorker.StartAsync(app, all);
    }

    public async ValueTask DisposeAsync()
    {
        IEnumerable<Task<FunctionsWorker>?> started =
            new[] { _default, _narrow, _foreign }.Select(worker => worker.IsValueCreated ? worker.Value : null).Append(_withStorage);
        foreach (Task<FunctionsWorker> worker in started.OfType<Task<FunctionsWorker>>().Where(worker => worker.IsCompletedSuccessfully))
            await (await worker).DisposeAsync();
        _models.Delete(recursive: true);
    }
}
