using ResNetFunctions.Api;
using ResNetFunctions.EndToEnd.Blobs;
using ResNetFunctions.EndToEnd.Worker;
using SkiaSharp;

[assembly: AssemblyFixture(typeof(ResNetFunctions.EndToEnd.Clients.ClientHosts))]

namespace ResNetFunctions.EndToEnd.Clients;

/// <summary><c>serve</c> and the Functions app for clients of other services, each in its own process, with a trained model,
/// a key, and permission to fetch images from a host on this machine.</summary>
public sealed class ClientHosts : IAsyncDisposable
{
    public const string Key = "a-key-of-clients", Model = "garden";

    private static readonly SKColor Green = new(0x30, 0xA0, 0x38);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-clients-");
    private readonly SemaphoreSlim _starting = new(1);
    private ImageHost? _images;
    private (ResnetCommand Process, Uri Address)? _serve;
    private WorkerGateway? _gateway;

    /// <summary>The classes, in order: an image is of the one whose colour its discs have.</summary>
    public static string[] Classes { get; } = ["cucumbers", "plums", "strawberries"];

    /// <summary>A picture of cucumbers.</summary>
    public static byte[] Cucumbers { get; } = TrainedDiscs.Unseen(Green);

    /// <summary>The address of serve or of the worker.</summary>
    public async Task<Uri> AddressAsync(string host)
    {
        await _starting.WaitAsync();
        try
        {
            if (_images is null)
            {
                TrainedDiscs.Train(
                    _folder.FullName, Model, (Classes[0], Green), (Classes[1], new SKColor(0x50, 0x28, 0x90)), (Classes[2], new SKColor(0xD0, 0x20, 0x30)));
                _images = await ImageHost.StartAsync(_folder.FullName, Cucumbers);
            }
            return host == "serve" ? (_serve ??= await StartServeAsync()).Address : (_gateway ??= await StartWorkerAsync()).Address;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>The host of images.</summary>
    internal ImageHost Images => _images!;

    private (string, string)[] Settings =>
    [
        ("ResNet__ModelsPath", _folder.FullName), ("ResNet__DefaultModel", Model), ("ResNet__CachePath", ""), ("ResNet__MaxImageBytes", "1000000"),
        ("ResNet__UrlHosts", _images!.Name), ("SSL_CERT_FILE", _images.CertificateFile), ("DOTNET_STARTUP_HOOKS", typeof(ClientHosts).Assembly.Location),
    ];

    private async Task<(ResnetCommand, Uri)> StartServeAsync()
    {
        var process = ResnetCommand.Start(
            new ResNetOptions { ModelsPath = _folder.FullName, DefaultModel = Model },
            ["serve", "--urls", "http://127.0.0.1:0", "--storage", "none"], [("ResNet__ApiKey", Key), .. Settings]);
        return (process, new Uri((await process.UntilLineAsync("Listening on ")).Split(' ')[2]));
    }

    private async Task<WorkerGateway> StartWorkerAsync() =>
        await WorkerGateway.StartAsync(await FunctionsWorker.StartAsync(
            await PublishedApp.FolderAsync(), Settings.Append(("ResNet__ClientKey", Key)).ToDictionary(setting => setting.Item1, setting => setting.Item2)));

    public async ValueTask DisposeAsync()
    {
        _serve?.Process.Dispose();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        if (_images is not null)
            await _images.DisposeAsync();
        _folder.Delete(recursive: true);
        _starting.Dispose();
    }
}
