using System.CommandLine;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Hosting;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Cli;

/// <summary>The storage account of <c>--storage</c>, and the services that classify its images.</summary>
internal sealed class Storage : IAsyncDisposable
{
    private const string Auto = "auto";
    private const string None = "none";
    private const string Folder = ".azurite";

    private readonly ServiceProvider _services;
    private readonly Azurite? _azurite;

    private Storage(IConfiguration configuration, ResNetOptions options, Classifier classifier, Azurite? azurite)
    {
        _azurite = azurite;
        _services = new ServiceCollection()
            .AddLogging(logging => logging.AddSimpleConsole(console => console.SingleLine = true))
            .AddResNet(options, new Lazy<Classifier>(classifier))
            .AddBlobs(configuration)
            .AddWorkQueue()
            .BuildServiceProvider();
    }

    public static Option<string> Option(string auto) => new("--storage")
    {
        Description = $"Where images are uploaded: a connection string, or a service URI such as https://NAME.blob.core.windows.net. auto: {auto}; none: no blobs.",
        HelpName = "auto|none|CONNECTION",
        DefaultValueFactory = _ => Auto,
    };

    /// <summary>Opens the account that is named, else the one that is configured as ImageStorage, else an Azurite on this
    /// machine, started if allowed. Prints which.</summary>
    /// <returns>Null if there is none; this was printed.</returns>
    /// <exception cref="UnavailableException">misconfigured.</exception>
    public static async Task<Storage?> OpenAsync(
        string choice, bool mayStart, IConfiguration configuration, ResNetOptions options, Classifier classifier,
        CancellationToken cancellationToken)
    {
        if (choice == None)
            return null;
        if (choice != Auto || ImageStorage.IsConfiguredIn(configuration))
        {
            var named = new Storage(choice == Auto ? configuration : With(configuration, choice), options, classifier, null);
            Print($"images are in {named.Address}");
            return named;
        }

        if (await Azurite.FindAsync(Azurite.DefaultBlobPort, cancellationToken) is { } server)
        {
            var found = new Storage(
                With(configuration, Azurite.ConnectionStringOf(Azurite.DefaultBlobPort)), options, classifier, null);
            Print($"{server} listens on port {Azurite.DefaultBlobPort} already; images are in {found.Address}, and results are written to it");
            if (mayStart)
                await found.PrintUploadCommandAsync(cancellationToken);
            return found;
        }
        return mayStart ? await StartAsync(configuration, options, classifier, cancellationToken) : null;
    }

    /// <summary>The named container, or the configured one.</summary>
    public BlobContainerClient Container(string? name) => name is null ? Images : _services.GetRequiredService<ImageStorage>().Container(name);

    public BlobContainerClient? Results => _services.GetRequiredService<ImageStorage>().Results;

    public BlobClassifier Classifier => _services.GetRequiredService<BlobClassifier>();

    // Without the signature.
    private string Address => Images.Uri.GetLeftPart(UriPartial.Path);

    private BlobContainerClient Images => _services.GetRequiredService<ImageStorage>().Images;

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public Task WalkQueuedAsync(CancellationToken stop) =>
        new QueueWorker(Get<WorkQueues>().Walks, Get<QueuedWalks>().ProcessAsync, Get<ILogger<QueueWorker>>()).RunAsync(stop);

    /// <summary>Works on both queues until it is stopped, then finishes the images in progress.</summary>
    public Task WorkAsync(ResNetOptions options, Action<string, BlobOutcome> done, CancellationToken stop)
    {
        QueuedImages images = Get<QueuedImages>();
        images.Done = done;
        // Two a core: one computes while the other waits for storage.
        var worker = new QueueWorker(Get<WorkQueues>().Images, images.ProcessAsync, Get<ILogger<QueueWorker>>()) { AtOnce = options.Turns + options.MaxConcurrency };
        return Task.WhenAll(worker.RunAsync(stop), WalkQueuedAsync(stop));
    }

    /// <summary>Classifies uploads until it is stopped, then finishes the images in progress.</summary>
    public Task ListenAsync(string? container, ResNetOptions options, CancellationToken stop) =>
        new ImageListener(
            Classifier, options, Container(container), Results, _services.GetRequiredService<ILogger<ImageListener>>())
        {
            Done = (image, outcome) => Console.WriteLine($"{image}: {outcome.ToString().ToLowerInvariant()}"),
        }.RunAsync(stop);

    private static async Task<Storage?> StartAsync(
        IConfiguration configuration, ResNetOptions options, Classifier classifier, CancellationToken cancellationToken)
    {
        if (AzuriteCommand() is not { } command)
        {
            PrintOff("Node.js is not installed, so no storage emulator can be started");
            return null;
        }
        Azurite azurite;
        try
        {
            azurite = await Azurite.StartAsync(
                command, Folder, [], () => Print("npx installs Azurite; uploads wait for it, requests over HTTP do not"), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            PrintOff(e.Message);
            return null;
        }
        var started = new Storage(With(configuration, azurite.ConnectionString), options, classifier, azurite);
        Print($"Azurite was started, with its data in {Folder}/; images are in {started.Address}");
        await started.PrintUploadCommandAsync(cancellationToken);
        return started;
    }

    // npx installs Azurite if it is missing, which keeps all cores busy: `nice` lets HTTP requests go first. Without a
    // version npx may take one that is too old for our requests.
    private static string[]? AzuriteCommand()
    {
        if (!OnPath("node"))
            return null;
        if (OnPath("azurite"))
            return ["azurite"];
        string[] npx = ["npx", "azurite@3.37.0"];
        return OnPath("nice") ? ["nice", "-n", "10", .. npx] : npx;
    }

    private static bool OnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, command))
                || (OperatingSystem.IsWindows() && (File.Exists(Path.Combine(folder, command + ".exe")) || File.Exists(Path.Combine(folder, command + ".cmd")))));

    private static IConfiguration With(IConfiguration configuration, string connection)
    {
        bool isAddress = connection.StartsWith("http", StringComparison.OrdinalIgnoreCase);
        return new ConfigurationBuilder().AddConfiguration(configuration).AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ImageStorage"] = isAddress ? null : connection,
            ["ImageStorage:connectionString"] = null,
            ["ConnectionStrings:ImageStorage"] = null,
            ["ImageStorage:blobServiceUri"] = isAddress ? connection : null,
            ["ImageStorage:queueServiceUri"] = null,
        }).Build();
    }

    // The emulator's key is public, so a signed address reveals nothing. With it curl can upload.
    private async Task PrintUploadCommandAsync(CancellationToken cancellationToken)
    {
        await Images.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        Uri signed = Images.GenerateSasUri(
            BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List | BlobContainerSasPermissions.Create
                | BlobContainerSasPermissions.Write | BlobContainerSasPermissions.Delete,
            DateTimeOffset.UtcNow.AddDays(7));
        Console.WriteLine($"  curl -T FILE -H 'x-ms-blob-type: BlockBlob' '{Address}/NAME{signed.Query}'");
    }

    private static void Print(string what) => Console.WriteLine($"Blobs: {what}.");

    private static void PrintOff(string why) =>
        Console.WriteLine($"Blobs are off: {why.TrimEnd('.')}. Install Node.js, or use --storage CONNECTION.");

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_azurite is not null)
            await _azurite.DisposeAsync();
    }
}
