using System.Diagnostics;
using System.Globalization;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Fuzz;

/// <summary>A real <c>resnet serve</c> with the tiny model, on a free port.</summary>
internal sealed class ServeProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-fuzz-");
    private readonly Process _process;

    private ServeProcess(ImageDecoder decoder)
    {
        TinyModel.Write(_folder.FullName);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "resnet.dll"), "serve", "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
            Environment =
            {
                ["ResNet__ModelsPath"] = _folder.FullName,
                ["ResNet__DefaultModel"] = TinyModel.Name,
                ["ResNet__CachePath"] = Path.Combine(_folder.FullName, "cache"),
                ["ResNet__Decoder"] = decoder.ToString(),
                ["Logging__LogLevel__Default"] = "Error",
            },
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Errors.Enqueue(line.Data ?? "");
        _process.BeginErrorReadLine();
    }

    public Queue<string> Errors { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public bool HasExited => _process.HasExited;

    /// <summary>Its resident memory in MiB, now.</summary>
    public double MemoryMiB => Status("VmRSS");

    /// <summary>The most resident memory that it ever had, in MiB.</summary>
    public double PeakMemoryMiB => Status("VmHWM");

    public TimeSpan ProcessorTime => _process.TotalProcessorTime;

    public static async Task<ServeProcess> StartAsync(ImageDecoder decoder, CancellationToken cancellationToken)
    {
        var server = new ServeProcess(decoder);
        while (await server._process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("Listening on ", StringComparison.Ordinal))
            {
                server.Client = new HttpClient { BaseAddress = new Uri(line.Split(' ')[2]), Timeout = TimeSpan.FromMinutes(5) };
                _ = server._process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
                return server;
            }
        }
        throw new InvalidOperationException("serve did not start: " + string.Join('\n', server.Errors));
    }

    // Linux alone tells these; elsewhere the runtime's own measure stands in.
    private double Status(string field)
    {
        string path = $"/proc/{_process.Id}/status";
        if (!File.Exists(path))
        {
            _process.Refresh();
            return (field == "VmHWM" ? _process.PeakWorkingSet64 : _process.WorkingSet64) / (double)(1 << 20);
        }
        string line = File.ReadLines(path).First(line => line.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
