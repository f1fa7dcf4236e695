using System.Diagnostics;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Goes once through a container for the images that were uploaded lately, in half the time of a walk or less:
/// results are left out of the listing, being names that share their ending. So it does not see whether an image
/// has its result, nor one whose time of change is not that of its coming here (an undeleted blob has its old one): a
/// walk must come after it.</summary>
/// <param name="images">The container.</param>
/// <param name="since">Images changed before are left out; null: none is.</param>
internal sealed class NewImageListing(BlobContainerClient images, DateTimeOffset? since)
{
    // Storage tells times in whole seconds, and not all that answers for one account has quite the same.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>When it began, by storage's clock: the next look's since. Null before.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>How long storage took to answer.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>The images, in the parts that storage lists them in: it answers nothing else while it makes one up, so
    /// those found in a part are best worked on before the next is asked for.</summary>
    /// <exception cref="RequestFailedException">Storage failed, or there is no such container.</exception>
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
