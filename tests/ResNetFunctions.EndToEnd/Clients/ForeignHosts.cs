using ResNetFunctions.Api;
using ResNetFunctions.EndToEnd.Blobs;
using ResNetFunctions.EndToEnd.Worker;
using ResNetFunctions.Fuzz;
using SkiaSharp;

[assembly: AssemblyFixture(typeof(ResNetFunctions.EndToEnd.Clients.ForeignHosts))]

namespace ResNetFunctions.EndToEnd.Clients;

/// <summary>What foreign clients are pointed at: <c>serve</c> and the Functions app, each a process, with a model of somebody's
/// own classes and a key, that may fetch images from a host on this machine.</summary>
public sealed class ForeignHosts : IAsyncDisposable
{
    public const string Key = "a-key-of-clients", Model = TinyModelName;

    private const string TinyModelName = "tiny";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-clients-");
    private readonly SemaphoreSlim _starting = new(1);
    private ImageHost? _images;
    private (ResnetCommand Process, Uri Address)? _serve;
    private WorkerGateway? _gateway;

    /// <summary>The classes: an image is of the one whose colour it has.</summary>
    public static string[] Classes { get; } = ["strawberries", "cucumbers", "plums"];

    /// <summary>A picture of cucumbers.</summary>
    public static byte[] Cucumbers { get; } = Plain(new SKColor(0, 255, 0));

    /// <summary>The address of serve or of the worker.</summary>
    public async Task<Uri> AddressAsync(string host)
    {
        await _starting.WaitAsync();
        try
        {
            if (_images is null)
            {
                TinyModel.Write(_folder.FullName);
                await File.WriteAllLinesAsync(Path.Combine(_folder.FullName, "tiny.tsv"), Classes.Select((name, i) => $"{i}\t{name}\t{name}"));
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
        ("ResNet__UrlHosts", _images!.Name), ("SSL_CERT_FILE", _images.CertificateFile), ("DOTNET_STARTUP_HOOKS", typeof(ForeignHosts).Assembly.Location),
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

    private static byte[] Plain(SKColor color)
    {
        using var bitmap = new SKBitmap(64, 48);
        bitmap.Erase(color);
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

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
