using System.Diagnostics;
using System.Globalization;

namespace ResNetFunctions.Fuzz;

/// <summary>A real <c>resnet serve</c> with the tiny model, on a free port.</summary>
internal sealed class TinyServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-fuzz-");
    private readonly Process _process;

    private TinyServer(string urls, IReadOnlyDictionary<string, string> environment)
    {
        TinyModel.Write(_folder.FullName);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "resnet.dll"), "serve", "--storage", "none", "--urls", urls])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
            Environment =
            {
                ["ResNet__ModelsPath"] = _folder.FullName,
                ["ResNet__DefaultModel"] = TinyModel.Name,
                ["ResNet__CachePath"] = Path.Combine(_folder.FullName, "cache"),
                ["Logging__LogLevel__Default"] = "Error",
            },
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Errors.Enqueue(line.Data ?? "");
        _process.BeginErrorReadLine();
    }

    public Queue<string> Errors { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    /// <summary>The thumbprint of the certificate that it showed.</summary>
    public string? Certificate { get; private set; }

    /// <summary>The folder of its model.</summary>
    public string Folder => _folder.FullName;

    public bool HasExited => _process.HasExited;

    /// <summary>Its resident memory in MiB, now.</summary>
    public double MemoryMiB => Status("VmRSS");

    /// <summary>The most resident memory that it ever had, in MiB.</summary>
    public double PeakMemoryMiB => Status("VmHWM");

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="urls">Port 0 is a free one.</param>
    /// <param name="environment">Its settings.</param>
    /// <exception cref="InvalidOperationException">It ended; the message has its output.</exception>
    public static async Task<TinyServer> StartAsync(
        string urls, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var server = new TinyServer(urls, environment);
        while (await server._process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("Listening on ", StringComparison.Ordinal))
            {
                // On https it has a self-signed certificate.
                var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => (server.Certificate = certificate?.Thumbprint) is not null };
                server.Client = new HttpClient(handler) { BaseAddress = new Uri(line.Split(' ')[2]), Timeout = TimeSpan.FromMinutes(5) };
                _ = server._process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
                return server;
            }
        }
        await server._process.WaitForExitAsync(cancellationToken);
        string errors = string.Join('\n', server.Errors);
        await server.DisposeAsync();
        throw new InvalidOperationException("serve did not start: " + errors);
    }

    /// <summary>Asks it to end, as a service manager does.</summary>
    public void Terminate() => Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]).Dispose();

    /// <returns>The exit code.</returns>
    public async Task<int> ExitCodeAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
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
