using System.Diagnostics;
using System.Text.RegularExpressions;
namespace ResNetFunctions.Cli;

/// <summary>An instance of Azurite, Azure Storage's emulator, started by this process. It ends when it is disposed or the
/// process ends.</summary>
internal sealed partial class Azurite : IAsyncDisposable
{
    public const int DefaultBlobPort = 10000;

    // Public: the same in every Azurite.
    private const string Account =
        "AccountName=devstoreaccount1;"
        + "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;";

    // Ctrl+C reaches every process of the terminal's group, and Azurite must run until the last result is written. So it
    // runs in a group of its own, and ends when its supervisor's standard input closes. npx then has one second to end; a
    // running Azurite writes its tables first and has five.
    private const string Supervisor = """
        const { spawn } = require('child_process');
        const windows = process.platform === 'win32';
        const [command, ...args] = process.argv.slice(1);
        const child = spawn(command, args, { detached: !windows, shell: windows, stdio: ['ignore', 'inherit', 'inherit'] });
        let grace = 1000, stopping = false;
        const signal = name => { try { return process.kill(-child.pid, name); } catch { return false; } };
        const stop = () => {
          stopping = true;
          if (windows) return spawn('taskkill', ['/pid', child.pid, '/t', '/f']).on('exit', () => process.exit(0));
          signal('SIGTERM');
          const end = Date.now() + grace;
          setInterval(() => { if (!signal(0) || Date.now() > end) { signal('SIGKILL'); process.exit(0); } }, 20);
        };
        child.on('error', error => { console.error(error.message); process.exit(1); });
        child.on('exit', code => { if (!stopping) process.exit(code ?? 1); });
        process.on('SIGINT', () => { });
        process.stdin.on('data', () => { grace = 5000; }).on('close', stop);
        """;

    // npm's message before it installs.
    private const string Installing = "will be installed";

    private readonly Process _supervisor;
    private readonly Dictionary<string, string> _endpoints;

    private Azurite(Process supervisor, Dictionary<string, string> endpoints)
    {
        _supervisor = supervisor;
        _endpoints = endpoints;
    }

    public string ConnectionString =>
        Account + string.Concat(_endpoints.Select(e => $"{e.Key}Endpoint={e.Value}/devstoreaccount1;"));

    public Uri BlobEndpoint => new(_endpoints["Blob"] + "/devstoreaccount1");

    /// <summary>The connection string of an Azurite on this machine. Its queues are on the next port.</summary>
    public static string ConnectionStringOf(int blobPort) =>
        $"{Account}BlobEndpoint=http://127.0.0.1:{blobPort}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{blobPort + 1}/devstoreaccount1;";

    /// <summary>The version of the Azurite at a port; null if there is none.</summary>
    public static async Task<string?> FindAsync(int blobPort, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        try
        {
            using HttpResponseMessage answer = await http.GetAsync($"http://127.0.0.1:{blobPort}/devstoreaccount1?comp=list", cancellationToken);
            return answer.Headers.TryGetValues("Server", out IEnumerable<string>? server)
                && server.First() is var name && name.StartsWith("Azurite-Blob", StringComparison.Ordinal) ? name : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Starts an Azurite and waits until it listens.</summary>
    /// <param name="command">What to run, such as <c>azurite</c> or <c>npx azurite</c>.</param>
    /// <param name="folder">The folder for its data.</param>
    /// <param name="arguments">More arguments.</param>
    /// <param name="installing">Called if npx installs it first.</param>
    /// <exception cref="IOException">It can't be started.</exception>
    public static async Task<Azurite> StartAsync(
        IEnumerable<string> command, string folder, IEnumerable<string> arguments, Action? installing, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var start = new ProcessStartInfo("node", ["-e", Supervisor, "--", .. command, "--location", folder, "--silent", "--disableTelemetry", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process supervisor;
        try
        {
            supervisor = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException("Node.js is not installed.", e);
        }

        var listening = new TaskCompletionSource<Dictionary<string, string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Dictionary<string, string> endpoints = [];
        string lastLine = "";
        supervisor.ErrorDataReceived += (_, line) =>
        {
            lastLine = line.Data is { Length: > 0 } text ? text : lastLine;
            if (line.Data?.Contains(Installing, StringComparison.Ordinal) == true)
                installing?.Invoke();
        };
        supervisor.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                listening.TrySetException(new IOException($"Azurite ended: {lastLine}"));
            else if (Listening().Match(line.Data) is { Success: true } match)
                endpoints[match.Groups[1].Value] = match.Groups[2].Value;
            if (endpoints.Count == 3)
                listening.TrySetResult(endpoints);
        };
        supervisor.BeginErrorReadLine();
        supervisor.BeginOutputReadLine();

        try
        {
            Dictionary<string, string> listensAt = await listening.Task.WaitAsync(cancellationToken);
            await supervisor.StandardInput.WriteLineAsync("listening");
            await supervisor.StandardInput.FlushAsync(cancellationToken);
            return new Azurite(supervisor, listensAt);
        }
        catch
        {
            await EndAsync(supervisor);
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await EndAsync(_supervisor);

    private static async Task EndAsync(Process supervisor)
    {
        supervisor.StandardInput.Close();
        await supervisor.WaitForExitAsync();
        supervisor.Dispose();
    }

    [GeneratedRegex(@"^Azurite (Blob|Queue|Table) service .*successfully .*(http://\S+)$")]
    private static partial Regex Listening();
}
