using System.Collections.Concurrent;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>The walks, one blob each in a container of the queue's name. Writes are conditional: of two workers on one walk,
/// the earlier stops at its next write.</summary>
internal sealed class WalkStore(ImageStorage storage, BlobsOptions options, WorkQueues queues)
{
    private static readonly TimeSpan StoppedCacheTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (bool Stopped, long Until)> _stopped = new();

    /// <summary>A walk as it was read or written, with its blob's version.</summary>
    public sealed record Stored(WalkState State, ETag ETag);

    /// <summary>Saves a walk and sends its first message.</summary>
    /// <param name="before">The walk of the same id that it replaces, if any.</param>
    /// <returns>False if someone else started one of that id meanwhile.</returns>
    public async Task<bool> StartAsync(WalkState walk, Stored? before, CancellationToken cancellationToken)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        if (await WriteAsync(walk with { Started = now }, before, cancellationToken).ConfigureAwait(false) is null)
            return false;
        await ContinueAsync(walk.Id, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Sends the message that continues a walk. Twice does no harm.</summary>
    public Task ContinueAsync(string id, TimeSpan delay, CancellationToken cancellationToken) =>
        queues.Walks.SendAsync(WalkMessage.Write(id), delay, cancellationToken);

    public async Task<Stored?> ReadAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            BlobDownloadResult blob = await BlobOf(id).DownloadContentAsync(cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(blob.Content, QueueJson.Default.WalkState) is { V: WalkState.Version } state
                ? new Stored(state, blob.Details.ETag)
                : throw new InvalidDataException($"The walk {id} was written by another version of this program.");
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Writes a walk if its blob is still the one that was read.</summary>
    /// <returns>Null if someone else wrote it meanwhile.</returns>
    public async Task<Stored?> WriteAsync(WalkState walk, Stored? before, CancellationToken cancellationToken)
    {
        walk = walk with { Stamp = Guid.NewGuid(), Updated = DateTimeOffset.UtcNow };
        var upload = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" },
            Conditions = before is null
                ? new BlobRequestConditions { IfNoneMatch = ETag.All }
                : new BlobRequestConditions { IfMatch = before.ETag },
        };
        var body = new BinaryData(JsonSerializer.SerializeToUtf8Bytes(walk, QueueJson.Default.WalkState));
        for (bool created = false; ; created = true)
        {
            try
            {
                BlobContentInfo written = await BlobOf(walk.Id).UploadAsync(body, upload, cancellationToken).ConfigureAwait(false);
                return new Stored(walk, written.ETag);
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound && !created)
            {
                await Container.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.Status == 412 || e.ErrorCode == BlobErrorCode.BlobAlreadyExists)
            {
                // The client's retry may have met its own first write, whose answer was lost.
                return await ReadAsync(walk.Id, cancellationToken).ConfigureAwait(false) is { } now && now.State.Stamp == walk.Stamp ? now : null;
            }
        }
    }

    /// <summary>Stops a walk. Its images in the queue are dropped too.</summary>
    /// <returns>Null if there is no such walk.</returns>
    public async Task<WalkState?> StopAsync(string id, CancellationToken cancellationToken)
    {
        while (await ReadAsync(id, cancellationToken).ConfigureAwait(false) is { } stored)
        {
            if (stored.State.Status is WalkStatus.Stopped or WalkStatus.Failed)
                return stored.State;
            if (await WriteAsync(stored.State with { Status = WalkStatus.Stopped }, stored, cancellationToken).ConfigureAwait(false) is { } stopped)
                return stopped.State;
        }
        return null;
    }

    /// <summary>Cached for ten seconds.</summary>
    public async ValueTask<bool> IsStoppedAsync(string id, CancellationToken cancellationToken)
    {
        long now = Environment.TickCount64;
        if (_stopped.TryGetValue(id, out (bool Stopped, long Until) known) && now < known.Until)
            return known.Stopped;
        bool stopped = await ReadAsync(id, cancellationToken).ConfigureAwait(false) is { State.Status: WalkStatus.Stopped };
        _stopped[id] = (stopped, now + (long)StoppedCacheTime.TotalMilliseconds);
        return stopped;
    }

    private BlobContainerClient Container => storage.Container(options.WorkQueue);

    private BlobClient BlobOf(string id) => Container.GetBlobClient($"walks/{id}.json");
}
