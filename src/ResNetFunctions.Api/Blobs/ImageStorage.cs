using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Blobs;

/// <summary>The storage account of the images: the connection <c>ImageStorage</c>, read as the Functions host reads it. It
/// is a connection string, or a section with <c>blobServiceUri</c> or <c>serviceUri</c>, <c>queueServiceUri</c>,
/// <c>credential</c> and <c>clientId</c>.</summary>
public sealed class ImageStorage(IConfiguration configuration, BlobsOptions options, AzureComponentFactory azure)
{
    private const string Connection = "ImageStorage";

    private BlobServiceClient? _account;
    private QueueServiceClient? _queues;

    /// <summary>Whether there is such a connection, right or wrong.</summary>
    public bool IsConfigured => IsConfiguredIn(configuration);

    /// <exception cref="UnavailableException">misconfigured: there is no such connection, or it is malformed.</exception>
    public BlobServiceClient Account => _account ??= Open(
        connection => new BlobServiceClient(connection, BlobClient()),
        address => address,
        (address, credential) => credential is null
            ? new BlobServiceClient(address, BlobClient())
            : new BlobServiceClient(address, credential, BlobClient()));

    internal QueueServiceClient Queues => _queues ??= Open(
        connection => new QueueServiceClient(connection, QueueClient()),
        QueueAddress,
        (address, credential) => credential is null
            ? new QueueServiceClient(address, QueueClient())
            : new QueueServiceClient(address, credential, QueueClient()));

    /// <summary>The container that images are uploaded to.</summary>
    public BlobContainerClient Images => Container(options.ImagesContainer);

    /// <summary>The container of the results; null where they are beside the images.</summary>
    public BlobContainerClient? Results =>
        options.ResultsContainer is { Length: > 0 } results ? Container(results) : null;

    /// <summary>A container of the account.</summary>
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
            // The client's own message may hold the key.
            throw Misconfigured($"{Connection} is no connection string and no address of a storage account.", e);
        }
    }

    private Uri QueueAddress(Uri blobs)
    {
        if (FirstSet(configuration.GetSection(Connection)["queueServiceUri"]) is { } own)
            return new Uri(own);
        string host = blobs.Host.Replace(".blob.", ".queue.", StringComparison.OrdinalIgnoreCase);
        return host != blobs.Host
            ? new UriBuilder(blobs) { Host = host }.Uri
            : throw Misconfigured($"The account's queues have no address: set {Connection}__queueServiceUri.");
    }

    // By default a connection that hangs would block the others for longer.
    private static BlobClientOptions BlobClient() => new() { Retry = { NetworkTimeout = TimeSpan.FromSeconds(30) } };

    // The REST version that Azurite knows. The Functions host reads messages in base64.
    private static QueueClientOptions QueueClient() => new(QueueClientOptions.ServiceVersion.V2026_06_06)
    {
        MessageEncoding = QueueMessageEncoding.Base64,
        Retry = { NetworkTimeout = TimeSpan.FromSeconds(30) },
    };

    private static UnavailableException Misconfigured(string detail, Exception? cause = null) =>
        new(ErrorCode.Misconfigured, detail, innerException: cause);
}
