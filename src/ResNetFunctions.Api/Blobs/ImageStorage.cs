using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Blobs;

/// <summary>The storage account of the images: the connection <c>ImageStorage</c> of the configuration, read as the
/// Functions host reads it. That is a connection string, or a section with <c>blobServiceUri</c> or <c>serviceUri</c>,
/// <c>queueServiceUri</c> and, where DefaultAzureCredential is not to choose, <c>credential</c> and <c>clientId</c>.</summary>
public sealed class ImageStorage(IConfiguration configuration, BlobsOptions options, AzureComponentFactory azure)
{
    private const string Connection = "ImageStorage";

    private BlobServiceClient? _account;
    private QueueServiceClient? _queues;

    /// <summary>Whether there is such a connection, right or wrong.</summary>
    public bool IsConfigured => IsConfiguredIn(configuration);

    /// <summary>The account; no request is made for it.</summary>
    /// <exception cref="UnavailableException">misconfigured: there is no such connection, or it is malformed.</exception>
    public BlobServiceClient Account => _account ??= Open(
        connection => new BlobServiceClient(connection, BlobClient()),
        address => address,
        (address, credential) => credential is null
            ? new BlobServiceClient(address, BlobClient())
            : new BlobServiceClient(address, credential, BlobClient()));

    /// <summary>The account's queues; no request is made for them.</summary>
    /// <exception cref="UnavailableException">misconfigured.</exception>
    internal QueueServiceClient Queues => _queues ??= Open(
        connection => new QueueServiceClient(connection, QueueClient()),
        QueueAddress,
        (address, credential) => credential is null
            ? new QueueServiceClient(address, QueueClient())
            : new QueueServiceClient(address, credential, QueueClient()));

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

    internal static bool IsConfiguredIn(IConfiguration configuration) => Read(configuration) is not (null, null);

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

    private T Open<T>(Func<string, T> byConnectionString, Func<Uri, Uri> addressOf, Func<Uri, TokenCredential?, T> byAddress)
    {
        IConfigurationSection section = configuration.GetSection(Connection);
        (string? connectionString, string? address) = Read(configuration);
        try
        {
            if (connectionString is not null)
                return byConnectionString(connectionString);
            if (address is null)
            {
                throw Misconfigured(
                    $"There is no storage account: set {Connection} to a connection string, or {Connection}__blobServiceUri to "
                    + "an address such as https://NAME.blob.core.windows.net.");
            }
            var uri = new Uri(address);
            bool signed = uri.Query.Contains("sig=", StringComparison.Ordinal);
            return byAddress(addressOf(uri), signed ? null : azure.CreateTokenCredential(section));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Not the client's own message: it may hold the key.
            throw Misconfigured($"{Connection} is no connection string and no address of a storage account.", e);
        }
    }

    // The queues' own address, or that of the blobs with the other service's name in it.
    private Uri QueueAddress(Uri blobs)
    {
        if (FirstSet(configuration.GetSection(Connection)["queueServiceUri"]) is { } own)
            return new Uri(own);
        string host = blobs.Host.Replace(".blob.", ".queue.", StringComparison.OrdinalIgnoreCase);
        return host != blobs.Host
            ? new UriBuilder(blobs) { Host = host }.Uri
            : throw Misconfigured($"The account's queues have no address: set {Connection}__queueServiceUri.");
    }

    // A connection that hangs would hold up all others behind it for longer by default.
    private static BlobClientOptions BlobClient() => new() { Retry = { NetworkTimeout = TimeSpan.FromSeconds(30) } };

    // The REST version that the blobs' package asks for too, which Azurite knows. Base64 is how the Functions host reads messages.
    private static QueueClientOptions QueueClient() => new(QueueClientOptions.ServiceVersion.V2026_06_06)
    {
        MessageEncoding = QueueMessageEncoding.Base64,
        Retry = { NetworkTimeout = TimeSpan.FromSeconds(30) },
    };

    private static UnavailableException Misconfigured(string detail, Exception? cause = null) =>
        new(ErrorCode.Misconfigured, detail, innerException: cause);
}
