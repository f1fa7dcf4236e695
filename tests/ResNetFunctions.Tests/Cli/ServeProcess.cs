using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ResNetFunctions.Tests.Cli;

/// <summary><c>resnet serve</c> in its own process, on a free port.</summary>
internal sealed partial class ServeProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServeProcess(Process process, string address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = new Uri(address) };
    }

    public HttpClient Client { get; }

    /// <summary>The most memory that it has had resident so far.</summary>
    public long PeakBytes => 1024 * long.Parse(
        PeakInKilobytes().Match(File.ReadAllText($"/proc/{_process.Id}/status")).Groups[1].Value, CultureInfo.InvariantCulture);

    public IEnumerable<string?> Descriptors =>
        Directory.GetFiles($"/proc/{_process.Id}/fd").Select(path => new FileInfo(path).LinkTarget);

    public static async Task<ServeProcess> StartAsync(params (string, string)[] settings)
    {
        ProcessStartInfo start = ResNet.Start(["serve", "--urls", "http://127.0.0.1:0", "--storage", "none"], settings);
        start.RedirectStandardOutput = true;
        Process process = Process.Start(start)!;
        string lines = "";
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines += line;
            if (Address().Match(line) is { Success: true } match)
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None); // A full pipe would stop it.
                return new ServeProcess(process, match.Value);
            }
        }
        throw new InvalidOperationException($"serve ended: {lines}");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();

    [GeneratedRegex(@"VmHWM:\s+(\d+) kB")]
    private static partial Regex PeakInKilobytes();
}
