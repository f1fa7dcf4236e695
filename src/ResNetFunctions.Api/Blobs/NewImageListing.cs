using System.Diagnostics;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Lists the images that were uploaded lately, in half the time of a walk: the results' common suffix is the
/// delimiter, so they are left out. It does not see deleted results or undeleted images; a walk does.</summary>
/// <param name="since">Leaves out what changed before; null: nothing.</param>
internal sealed class NewImageListing(BlobContainerClient images, DateTimeOffset? since)
{
    // Storage's times are whole seconds, and its servers' clocks differ a little.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    public DateTimeOffset? StartedAt { get; private set; }

    public TimeSpan Waited { get; private set; }

    /// <summary>The images, one page at a time. Work on a page before the next: Azurite answers nothing else while it
    /// lists.</summary>
    /// <exception cref="RequestFailedException">Storage failed, or the container does not exist.</exception>
    public async IAsyncEnumerable<IReadOnlyList<ListedImage>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        AsyncPageable<BlobHierarchyItem> listing = images.GetBlobsByHierarchyAsync(
            BlobTraits.None, BlobStates.None, delimiter: ResultName.Suffix, prefix: null, cancellationToken);
        long asked = Stopwatch.GetTimestamp();
        await foreach (Page<BlobHierarchyItem> page in listing.AsPages().ConfigureAwait(false))
        {
            Waited += Stopwatch.GetElapsedTime(asked);
            StartedAt ??= page.GetRawResponse().Headers.Date;
            ListedImage[] found = [.. page.Values.Where(IsNew).Select(item => new ListedImage(item.Blob.Name, item.Blob, null))];
            if (found.Length > 0)
                yield return found;
            asked = Stopwatch.GetTimestamp();
        }
    }

    private bool IsNew(BlobHierarchyItem item) =>
        item.IsBlob && ResultName.IsImage(item.Blob.Name) && (since is null || item.Blob.Properties.LastModified >= since - Margin);
}
