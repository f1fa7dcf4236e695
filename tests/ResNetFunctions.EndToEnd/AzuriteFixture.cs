using Azure.Storage.Blobs;
using ResNetFunctions.Cli;

[assembly: AssemblyFixture(typeof(ResNetFunctions.EndToEnd.AzuriteFixture))]

namespace ResNetFunctions.EndToEnd;

/// <summary>One real Azurite for all tests, on free ports. Take it as a constructor parameter, and make containers with <see
/// cref="CreateContainerAsync"/>.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _starting = new(1);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("resnet-azurite-");
    private Azurite? _azurite;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>The connection string of the Azurite, which is started for the first test that asks.</summary>
    public async Task<string> ConnectionStringAsync()
    {
        await _starting.WaitAsync();
        try
        {
            _azurite ??= await StartAsync(_data.FullName, []);
            return _azurite.ConnectionString;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>An empty container with a new name.</summary>
    public async Task<BlobContainerClient> CreateContainerAsync(BlobClientOptions? options = null)
    {
        var account = new BlobServiceClient(await ConnectionStringAsync(), options);
        return await account.CreateBlobContainerAsync($"t{Guid.NewGuid():N}");
    }

    /// <summary>Starts another one, for a test that stops it.</summary>
    internal static async Task<Azurite> StartAsync(string folder, string[] arguments) => await Azurite.StartAsync(
        ["node", await ScriptAsync()], folder, ["--blobPort", "0", "--queuePort", "0", "--tablePort", "0", .. arguments], null,
        TestContext.Current.CancellationToken);

    /// <summary>The version that tests/package-lock.json names.</summary>
    internal static async Task<string> ScriptAsync()
    {
        await NodePackages.EnsureAsync();
        return Path.Combine(NodePackages.Folder, "node_modules", "azurite", "dist", "src", "azurite.js");
    }

    public async ValueTask DisposeAsync()
    {
        if (_azurite is not null)
            await _azurite.DisposeAsync();
        _data.Delete(recursive: true);
        _starting.Dispose();
    }
}
