using ResNetFunctions.Api;
using ResNetFunctions.ModelTools;

[assembly: AssemblyFixture(typeof(ResNetFunctions.EndToEnd.Page.PageServers))]

namespace ResNetFunctions.EndToEnd.Page;

/// <summary>The servers that the tests share, each started by the first test that asks for it.</summary>
public sealed class PageServers : IAsyncDisposable
{
    public const string Key = "a key's \"value\"";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-page-models-");
    private readonly Lazy<Task<PageServer>> _default, _withKey, _narrow, _trained, _training;

    public PageServers()
    {
        _default = Server(_ => { });
        _withKey = Server(options => options.ApiKey = Key);
        _narrow = Server(options => (options.MaxConcurrency, options.MaxQueue) = (1, 0));
        _trained = Server(options => (options.DefaultModel, options.Weights) = ("resnet18", TrainedWeights()));
        _training = Server(_ => { }, "training");
    }

    /// <summary>With the bundled model and its own folder of photos.</summary>
    public Task<PageServer> Training => _training.Value;

    /// <summary>Has the bundled model.</summary>
    public Task<PageServer> Default => _default.Value;

    /// <summary>Wants <see cref="Key"/>.</summary>
    public Task<PageServer> WithKey => _withKey.Value;

    /// <summary>Answers 503 to a second picture while it works on the first.</summary>
    public Task<PageServer> Narrow => _narrow.Value;

    /// <summary>Has the trained reference network of ../shared.</summary>
    public Task<PageServer> Trained => _trained.Value;

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<Task<PageServer>> server in new[] { _default, _withKey, _narrow, _trained, _training }.Where(server => server.IsValueCreated))
            await (await server.Value).DisposeAsync();
        _folder.Delete(recursive: true);
    }

    // Separate models folders: a trained model appears in one only.
    private Lazy<Task<PageServer>> Server(Action<ResNetOptions> configure, string name = "models") => new(() => PageServer.Start(
        options =>
        {
            options.ModelsPath = Models(name);
            options.MakeGraph = GraphConverter.Graph;
            options.CachePath = _folder.CreateSubdirectory("cache").FullName;
            configure(options);
        },
        _folder.CreateSubdirectory(name + "-photos").FullName));

    // Whatever else the developer has pulled.
    private string Models(string name)
    {
        string models = _folder.CreateSubdirectory(name).FullName, shipped = Path.Combine(AppContext.BaseDirectory, "models");
        foreach (string file in Directory.GetFiles(shipped, "resnet18-mlnet.*").Append(Path.Combine(shipped, "resnet18.json")).Concat(Directory.GetFiles(shipped, "*.tsv")))
            File.Copy(file, Path.Combine(models, Path.GetFileName(file)), overwrite: true);
        return models;
    }

    private static string TrainedWeights()
    {
        string weights = Path.Combine(Root(), "..", "shared", "reference", "resnet18-trained.pth");
        Assert.SkipUnless(File.Exists(weights), "Skipped: ../shared is not here.");
        return weights;
    }

    internal static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ResNetFunctions.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
