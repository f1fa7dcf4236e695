using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api;

/// <summary>Section <c>ResNet</c>: the settings of the classifier and of HTTP.</summary>
public sealed class ResNetOptions : ClassifierOptions
{
    private string? _bindingError;

    /// <summary>The largest request in bytes, all files of a multipart body together. Default: 64 MiB.</summary>
    [Range(1, 1L << 31)]
    public long MaxRequestBytes { get; set; } = 64L << 20;

    /// <summary>The memory in bytes for all request bodies together; above it, requests are refused as overloaded. At least
    /// twice <see cref="MaxRequestBytes"/>; default 512 MiB.</summary>
    [Range(1, 1L << 36)]
    public long MaxBytesInFlight { get; set; } = 512L << 20;

    /// <summary>The key of <c>serve</c>, in <c>x-functions-key</c> or <c>?code=</c>. Default: none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The Functions app's key for clients of other services, whose routes exist only where it is set. <c>serve</c>
    /// uses <see cref="ApiKey"/>. Default: none.</summary>
    public string? ClientKey { get; set; }

    /// <summary>The hosts from which an image may be fetched by address, separated by commas: <c>pictures.example.org,
    /// example.com:8443</c>. Default: none.</summary>
    public string? UrlHosts { get; set; }

    internal string[] UrlHostNames =>
        (UrlHosts ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The origins whose pages may call <c>serve</c>. Default: none.</summary>
    public IList<string> Cors { get; } = [];

    internal bool OffersTraining { get; set; }

    /// <summary>Reads the section. <see cref="Validate"/> reports what is wrong, misspelt names included.</summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <param name="defaults">The default values; filled in and returned.</param>
    public static ResNetOptions Read(IConfiguration configuration, ResNetOptions? defaults = null)
    {
        ResNetOptions options = defaults ?? new ResNetOptions();
        try
        {
            configuration.GetSection("ResNet").Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            options._bindingError = e.Message;
        }
        return options;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate()
    {
        List<string> errors = [.. base.Validate()];
        if (_bindingError is not null)
            errors.Insert(0, _bindingError);
        if (MaxBytesInFlight < 2 * MaxRequestBytes)
            errors.Add($"{nameof(MaxBytesInFlight)} must be at least twice {nameof(MaxRequestBytes)}.");
        if (UrlHostNames.Any(host => !Uri.TryCreate($"https://{host}/", UriKind.Absolute, out Uri? url) || !HostOf(url).Equals(host, StringComparison.OrdinalIgnoreCase)))
            errors.Add($"{nameof(UrlHosts)} must be names of hosts, separated by commas: no https://, no path, no '*'.");
        return errors;
    }

    internal static string HostOf(Uri url)
    {
        string host = url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost;
        return url.IsDefaultPort ? host : $"{host}:{url.Port}";
    }
}
