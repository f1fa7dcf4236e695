using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api;

/// <summary>Section <c>ResNet</c>: the classifier's settings and those of its HTTP surface.</summary>
public sealed class ResNetOptions : ClassifierOptions
{
    private string? _bindingError;

    /// <summary>The largest request in bytes, all files of a multipart body together. Default: 64 MiB.</summary>
    [Range(1, 1L << 31)]
    public long MaxRequestBytes { get; set; } = 64L << 20;

    /// <summary>The memory in bytes for all request bodies that are held at one time; a request that finds it taken is
    /// refused as overloaded. At least twice <see cref="MaxRequestBytes"/>; default 512 MiB.</summary>
    [Range(1, 1L << 36)]
    public long MaxBytesInFlight { get; set; } = 512L << 20;

    /// <summary>The key that <c>serve</c> asks for in <c>x-functions-key</c> or <c>?code=</c>. Default: none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The key that clients of other services give to the Functions app, which has routes for them only where it is
    /// set; <c>serve</c> asks them for <see cref="ApiKey"/>. Default: none.</summary>
    public string? ClientKey { get; set; }

    /// <summary>The hosts that an image may be fetched from where a client names its address, separated by commas:
    /// <c>pictures.example.org, example.com:8443</c>. Default: none.</summary>
    public string? UrlHosts { get; set; }

    internal string[] UrlHostNames =>
        (UrlHosts ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The origins whose pages may call <c>serve</c>. Default: none.</summary>
    public IList<string> Cors { get; } = [];

    /// <summary>Whether the page offers to train models, which <c>serve</c> alone can.</summary>
    internal bool OffersTraining { get; set; }

    /// <summary>Reads the section. What is wrong with it is told by <see cref="Validate"/>, a misspelt name too.</summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <param name="defaults">What holds where the section says nothing; it is filled in and returned.</param>
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

    /// <summary>An address's host as <see cref="UrlHosts"/> names it.</summary>
    internal static string HostOf(Uri url)
    {
        string host = url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost;
        return url.IsDefaultPort ? host : $"{host}:{url.Port}";
    }
}
