using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions.Api.Blobs;

/// <summary>One version of an uploaded blob. It is never written.</summary>
internal sealed record SourceBlob(BlobClient Blob, BlobProperties Properties)
{
    public string ETag => ResultMetadata.Plain(Properties.ETag);

    public bool IsReadable => !IsDirectory(Properties.Metadata) && Properties.AccessTier != AccessTier.Archive.ToString();

    /// <summary>Null if the blob is gone.</summary>
    public static async Task<SourceBlob?> ReadAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return new SourceBlob(blob, await blob.GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false));
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>The decompressed bytes of this version; null if it is gone or replaced.</summary>
    /// <exception cref="Imaging.RejectedException">too-large, or they cannot be decompressed.</exception>
    public async Task<PooledBytes?> DownloadAsync(long limit, CancellationToken cancellationToken)
    {
        if (Properties.ContentLength > limit)
            throw PooledBytes.TooLarge(limit);

        var thisVersion = new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfMatch = Properties.ETag } };
        try
        {
            using BlobDownloadStreamingResult download =
                await Blob.DownloadStreamingAsync(thisVersion, cancellationToken).ConfigureAwait(false);
            PooledBytes stored = await PooledBytes.ReadAsync(
                download.Content, Properties.ContentLength, limit, null, cancellationToken).ConfigureAwait(false);
            return await ContentCoding.DecodeAsync(stored, Properties.ContentEncoding, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return null;
        }
    }

    public ResultSource Describe() =>
        new(Blob.BlobContainerName, Blob.Name, ETag, Properties.LastModified, Properties.ContentLength);

    public static bool IsDirectory(IDictionary<string, string> metadata) =>
        metadata.TryGetValue("hdi_isfolder", out string? folder) && bool.TryParse(folder, out bool isFolder) && isFolder;
}
