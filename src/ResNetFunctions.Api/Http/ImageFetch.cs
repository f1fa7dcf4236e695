using System.Net;
using System.Net.Sockets;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>Fetches an image from an address that a client names: https, a host in <see cref="ResNetOptions.UrlHosts"/>, no
/// redirects, public addresses only.</summary>
internal sealed class ImageFetch : IDisposable
{
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _hosts;
    private readonly ResNetOptions _options;
    private readonly ByteBudget _budget;
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        ConnectCallback = ConnectAsync,
        AllowAutoRedirect = false,
        UseProxy = false, // A proxy would resolve the name itself.
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        MaxResponseHeadersLength = 16,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // Of the whole, body included, is FetchTimeout.
    };

    public ImageFetch(ResNetOptions options, ByteBudget budget)
    {
        _options = options;
        _budget = budget;
        _hosts = new HashSet<string>(options.UrlHostNames, StringComparer.OrdinalIgnoreCase);
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("ResNetFunctions/1.0");
    }

    /// <summary>Replaced by tests only, whose hosts are on this machine.</summary>
    internal static Func<IPAddress, bool> MayConnectTo { get; set; } = PublicAddress.Is;

    /// <exception cref="RejectedException">bad-parameter: the address is not allowed, or has no image;
    /// too-large.</exception>
    /// <exception cref="UnavailableException">overloaded.</exception>
    public async Task<PooledBytes> GetAsync(string address, CancellationToken cancellationToken)
    {
        Uri url = Allowed(address);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(FetchTimeout);
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, timeout.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
                throw Bad($"The url's host answered {(int)response.StatusCode}; redirects are not followed.");
            Stream body = await response.Content.ReadAsStreamAsync(timeout.Token).ConfigureAwait(false);
            return await PooledBytes.ReadAsync(
                body, response.Content.Headers.ContentLength, _options.MaxImageBytes, _budget, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Refusal(e) ?? Bad("The url's host can't be reached, or broke off.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Bad($"The url's host did not send the image within {FetchTimeout.TotalSeconds} s.", e);
        }
    }

    private Uri Allowed(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? url) || url.Scheme != Uri.UriSchemeHttps || url.UserInfo.Length > 0)
            throw Bad("The url must be an absolute https address without a user name.");
        return _hosts.Contains(ResNetOptions.HostOf(url))
            ? url
            : throw Bad("The url's host is not in the setting UrlHosts.");
    }

    // The name is resolved once, so the address that was checked is the one that is connected to.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        IPAddress[] resolved = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken).ConfigureAwait(false);
        IPAddress[] allowed = [.. resolved.Where(MayConnectTo)];
        if (allowed.Length == 0)
            throw Bad("The url's host has no public address.");

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // HttpClient may wrap the exception.
    private static RejectedException? Refusal(Exception? e) => e is null ? null : e as RejectedException ?? Refusal(e.InnerException);

    private static RejectedException Bad(string detail, Exception? cause = null) => new(ErrorCode.BadParameter, detail, cause);

    public void Dispose() => _client.Dispose();
}
