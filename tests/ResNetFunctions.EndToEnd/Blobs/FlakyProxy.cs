using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>A TCP proxy on a bad day: it refuses some connections, answers some with 503, and cuts others off within an
/// answer, so that requests and answers are lost.</summary>
internal sealed class FlakyProxy : IAsyncDisposable
{
    // The first connections have one fault of each kind, however few there are.
    private static readonly int[] Each = [0, 1, 3];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _server;
    private readonly Random _random;
    private readonly Task _accepting;

    public FlakyProxy(int server, int seed)
    {
        (_server, _random) = (server, new Random(seed));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that were refused, answered with 503, and cut off.</summary>
    public (int Refused, int Unavailable, int Cut) Faults;

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                int fate = connections.Count < Each.Length ? Each[connections.Count] : _random.Next(10);
                connections.Add(ServeAsync(client, fate, fate < 6 ? _random.Next(4_000) : _random.Next(50_000, 400_000)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client, int fate, int bytes)
    {
        using (client)
        {
            try
            {
                NetworkStream near = client.GetStream();
                if (fate == 0)
                {
                    Faults.Refused++;
                    return;
                }
                if (fate is 1 or 2)
                {
                    Faults.Unavailable++;
                    await near.ReadAtLeastAsync(new byte[65536], 1, throwOnEndOfStream: false, _stop.Token);
                    await near.WriteAsync(Encoding.ASCII.GetBytes(
                        "HTTP/1.1 503 Server Busy\r\nx-ms-error-code: ServerBusy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), _stop.Token);
                    return;
                }
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _server, _stop.Token);
                NetworkStream far = server.GetStream();
                await Task.WhenAny(near.CopyToAsync(far, _stop.Token), ReturnAsync(far, near, bytes));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One end has gone.
            }
        }
    }

    private async Task ReturnAsync(NetworkStream far, NetworkStream near, int bytes)
    {
        byte[] buffer = new byte[4096];
        for (int read; (read = await far.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            if ((bytes -= read) < 0)
            {
                Faults.Cut++;
                return;
            }
            await near.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }
}
