using Azure.Core;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Blobs;

/// <summary>The storage account of the images: the connection <c>ImageStorage</c> of the configuration, read as the
/// Functions host reads it. That is a connection string, or a section with <c>blobServiceUri</c> or <c>serviceUri</c>
/// and, where DefaultAzureCredential is not to choose, <c>credential</c> and <c>clientId</c>.</summary>
public sealed class ImageStorage(IConfiguration configuration, BlobsOptions options, AzureComponentFactory azure)
{
    private const string Connection = "ImageStorage";

    private BlobServiceClient? _account;

    /// <summary>The account; no request is made for it.</summary>
    /// <exception cref="UnavailableException">misconfigured: there is no such connection, or it is malformed.</exception>
    public BlobServiceClient Account => _account ??= Open();

    /// <summary>The container that images are uploaded to.</summary>
    /// <exception cref="UnavailableException">misconfigured.</exception>
    public BlobContainerClient Images => Container(options.ImagesContainer);

    /// <summary>The container of the results; null where they lie beside the images.</summary>
    /// <exception cref="UnavailableException">misconfigured.</exception>
    public BlobContainerClient? Results =>
        options.ResultsContainer is { Length: > 0 } results ? Container(results) : null;

    /// <summary>Any container of the account.</summary>
    /// <exception cref="UnavailableException">misconfigured.</exception>
    public BlobContainerClient Container(string name)
    {
        options.ThrowIfInvalid();
        return Account.GetBlobContainerClient(name);
    }

    /// <summary>Whether there is such a connection, right or wrong.</summary>
    internal static bool IsConfigured(IConfiguration configuration) => Read(configuration) is not (null, null);

    private static (string? ConnectionString, string? Address) Read(IConfiguration configuration)
    {
        IConfigurationSection section = configuration.GetSection(Connection);
        return (
            FirstSet(section.Value, section["connectionString"], configuration.GetConnectionString(Connection)),
            FirstSet(section["blobServiceUri"], section["serviceUri"]));
    }

    private static string? FirstSet(params ReadOnlySpan<string?> values)
    {
        foreach (string? value in values)
        {
            if (!string.IsNullOrWhiteSpace(value))
                return value;
        }
        return null;
    }

    private BlobServiceClient Open()
    {
        IConfigurationSection section = configuration.GetSection(Connection);
        (string? connectionString, string? address) = Read(configuration);

        // A connection that hangs would hold up all others behind it for longer by default.
        var client = new BlobClientOptions { Retry = { NetworkTimeout = TimeSpan.FromSeconds(30) } };
        try
        {
            if (connectionString is not null)
                return new BlobServiceClient(connectionString, client);
            if (address is null)
            {
                throw Misconfigured(
                    $"There is no storage account: set {Connection} to a connection string, or {Connection}__blobServiceUri to "
                    + "an address such as https://NAME.blob.core.windows.net.");
            }
            var uri = new Uri(address);
            bool signed = uri.Query.Contains("sig=", StringComparison.Ordinal);
            TokenCredential? credential = signed ? null : azure.CreateTokenCredential(section);
            return credential is null ? new BlobServiceClient(uri, client) : new BlobServiceClient(uri, credential, client);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Not the client's own message: it may hold the key.
            throw Misconfigured($"{Connection} is no connection string and no address of a storage account.", e);
        }
    }

    private static UnavailableException Misconfigured(string detail, Exception? cause = null) =>
        new(ErrorCode.Misconfigured, detail, innerException: cause);
}
