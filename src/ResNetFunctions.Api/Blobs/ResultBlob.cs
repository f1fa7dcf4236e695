using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ResNetFunctions.Api.Http;

namespace ResNetFunctions.Api.Blobs;

/// <summary>The blob of one image's result: read, and written or deleted only as it was read.</summary>
internal sealed class ResultBlob(BlobClient blob, BlobContainerClient? ownContainer)
{
    private static readonly BlobHttpHeaders Json = new() { ContentType = "application/json" };

    /// <summary>A blob of the result's name; neither field is set where there is none.</summary>
    /// <param name="ETag">Its version.</param>
    /// <param name="Metadata">What it says; null where it is not one of ours.</param>
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

    /// <summary>Writes the result in one request, where the blob still is as it was read.</summary>
    /// <returns>The result as it is now, or null: someone else wrote meanwhile, or this was written and the answer
    /// lost, so that the client's own second try met it.</returns>
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
            // Beside the images: they are gone with their container. Apart: the first result makes its container.
            if (ownContainer is not null)
                await ownContainer.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Deletes the result, where it still is as it was read.</summary>
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
            // Someone else deleted it, or wrote it anew and answers for it.
        }
    }
}
