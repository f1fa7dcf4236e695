using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions.Api.Blobs;

/// <summary>The blob of an image's result. It is written and deleted only in the version that was read.</summary>
internal sealed class ResultBlob(BlobClient blob, BlobContainerClient? ownContainer)
{
    private static readonly BlobHttpHeaders Json = new() { ContentType = "application/json" };

    /// <summary>The blob as it was read.</summary>
    /// <param name="ETag">Null if there is no blob.</param>
    /// <param name="Metadata">Null if the blob is not a result of this program.</param>
    public readonly record struct State(ETag? ETag, ResultMetadata? Metadata)
    {
        public bool IsForeign => ETag is not null && Metadata is null;
    }

    public async Task<State> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            BlobProperties properties = await blob.GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            return new State(properties.ETag, ResultMetadata.Read(properties.Metadata));
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return default;
        }
    }

    /// <summary>Writes the result in one request, if the blob is still the one that was read.</summary>
    /// <returns>Null if the blob has changed. It may be this very write, whose answer was lost before the client's
    /// retry.</returns>
    public async Task<State?> WriteAsync(
        ClassificationResult result, ResultMetadata metadata, State before, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions
        {
            HttpHeaders = Json,
            Metadata = metadata.Write(),
            Conditions = before.ETag is { } etag
                ? new BlobRequestConditions { IfMatch = etag }
                : new BlobRequestConditions { IfNoneMatch = ETag.All },
        };
        var body = new BinaryData(JsonSerializer.SerializeToUtf8Bytes(result, ApiJson.Default.ClassificationResult));
        try
        {
            BlobContentInfo written = await blob.UploadAsync(body, options, cancellationToken).ConfigureAwait(false);
            return new State(written.ETag, metadata);
        }
        catch (RequestFailedException e) when (e.Status == 412 || e.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            return null;
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            // Beside the images, the container is gone and the images with it. A container of results is made with the first
            // result.
            if (ownContainer is not null)
                await ownContainer.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    public async Task DeleteAsync(State before, CancellationToken cancellationToken)
    {
        try
        {
            await blob.DeleteAsync(
                DeleteSnapshotsOption.IncludeSnapshots, new BlobRequestConditions { IfMatch = before.ETag }, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            // Someone else deleted or wrote it.
        }
    }
}
