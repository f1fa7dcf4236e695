using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Goes through a container's images and their results once, in little memory. A result's name is its image's with
/// a suffix, so between the two come only names that begin with the image's. The images whose result may still come are
/// therefore a stack of at most 1,024 names. Results in a container of their own are merged by name in the same
/// way.</summary>
internal sealed class ImageWalk(
    BlobContainerClient images, BlobContainerClient? results, string? prefix = null, string? from = null, int? pageSize = null)
{
    private readonly List<(BlobItem Image, int Since)> _open = [];
    private readonly string? _from = from;
    private string? _at = from;
    private int _listed;
    private bool _isAtPageEnd;
    private IAsyncEnumerator<ListedImage>? _reading;

    /// <summary>After so many blobs an image's result is asked for, so that one image does not hold back <see
    /// cref="Position"/>.</summary>
    public int MaxOpen { get; init; } = 5000;

    /// <summary>The name from which another walk sees everything that this one has not returned yet; null: the first
    /// name.</summary>
    public string? Position => _open.Count > 0 ? _open[0].Image.Name : _at;

    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>Whether everything was listed. Some images may still be in memory.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Whether everything was returned.</summary>
    public bool IsOver { get; private set; }

    public TimeSpan Waited { get; private set; }

    /// <summary>The images, nearly in name order, and the results without an image.</summary>
    /// <exception cref="RequestFailedException">Storage failed, or the container does not exist.</exception>
    public async IAsyncEnumerable<ListedImage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach ((BlobItem blob, string? resultOf) in ListAsync(cancellationToken).ConfigureAwait(false))
        {
            _at = blob.Name;
            _listed++;
            while (_open.Count > 0 && !blob.Name.StartsWith(_open[^1].Image.Name, StringComparison.Ordinal))
                yield return Close(_open.Count - 1, null);
            while (_open.Count > 0 && _listed - _open[0].Since > MaxOpen)
                yield return Close(0, await FindResultAsync(_open[0].Image.Name, cancellationToken).ConfigureAwait(false));

            if (resultOf is null)
                _open.Add((blob, _listed));
            else if (_open.FindLastIndex(open => open.Image.Name == resultOf) is >= 0 and var index)
                yield return Close(index, blob);
            else
                yield return new ListedImage(resultOf, null, blob);
        }
        IsAtEnd = true;
        while (_open.Count > 0)
            yield return Close(_open.Count - 1, null);
        IsOver = true;
    }

    /// <summary>Continues <see cref="ReadAsync"/> to the end of a page, until storage has taken longer than <paramref
    /// name="max"/>.</summary>
    public async IAsyncEnumerable<ListedImage> ReadMoreAsync(TimeSpan max, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _reading ??= ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        TimeSpan before = Waited;
        while ((!_isAtPageEnd || Waited - before <= max) && await _reading.MoveNextAsync().ConfigureAwait(false))
            yield return _reading.Current;
    }

    private ListedImage Close(int index, BlobItem? result)
    {
        BlobItem image = _open[index].Image;
        _open.RemoveAt(index);
        return new ListedImage(image.Name, image, result);
    }

    // A listing of one blob returns the same fields as the large one.
    private async Task<BlobItem?> FindResultAsync(string image, CancellationToken cancellationToken)
    {
        if (ResultName.Of(image, results is not null) is not { } name)
            return null;
        await using var listing = new BlobListing(results ?? images, name, null, 1, cancellationToken);
        return await MoveNextIfThereAsync(listing).ConfigureAwait(false) && listing.Current!.Name == name ? listing.Current : null;
    }

    private async IAsyncEnumerable<(BlobItem Blob, string? ResultOf)> ListAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var imageListing = new BlobListing(images, prefix, _from, pageSize, cancellationToken);
        await using BlobListing? resultListing = results is null ? null
            : new BlobListing(results, prefix, _from, pageSize, cancellationToken);

        await imageListing.MoveNextAsync().ConfigureAwait(false);
        StartedAt = imageListing.StartedAt;
        if (resultListing is not null)
            await MoveNextIfThereAsync(resultListing).ConfigureAwait(false);
        while (true)
        {
            Waited = imageListing.Waited + (resultListing?.Waited ?? TimeSpan.Zero);
            _isAtPageEnd = imageListing.IsAtPageEnd || resultListing is { IsAtPageEnd: true };
            BlobItem? image = imageListing.Current, result = resultListing?.Current;
            if (image is not null && (result is null || string.CompareOrdinal(image.Name, result.Name) <= 0))
            {
                if (!ResultName.IsResult(image.Name))
                    yield return (image, null);
                else if (results is null && image.Name.Length > ResultName.Suffix.Length)
                    yield return (image, image.Name[..^ResultName.Suffix.Length]);
                await imageListing.MoveNextAsync().ConfigureAwait(false);
            }
            else if (result is not null)
            {
                if (result.Name.EndsWith(ResultName.SeparateSuffix, StringComparison.Ordinal) && result.Name.Length > ResultName.SeparateSuffix.Length)
                    yield return (result, result.Name[..^ResultName.SeparateSuffix.Length]);
                await resultListing!.MoveNextAsync().ConfigureAwait(false);
            }
            else
            {
                yield break;
            }
        }
    }

    // The container of results is made with the first result.
    private static async Task<bool> MoveNextIfThereAsync(BlobListing results)
    {
        try
        {
            return await results.MoveNextAsync().ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            return false; // No results, then.
        }
    }
}

/// <summary>An image and its result as a listing returned them; one of them can be missing.</summary>
/// <param name="Name">The image's name.</param>
internal readonly record struct ListedImage(string Name, BlobItem? Image, BlobItem? Result)
{
    /// <summary>Null if there is no result, or the blob of that name is not a result.</summary>
    public ResultMetadata? Metadata => Result is null ? null : ResultMetadata.Read(Result.Metadata);

    public string ETag => ResultMetadata.Plain(Image!.Properties.ETag!.Value);

    /// <summary>Why it gets no result; null if it may have one.</summary>
    public SkipReason? ReasonToSkip(bool separate) =>
        ResultName.IsFolder(Name) || SourceBlob.IsDirectory(Image!.Metadata) ? SkipReason.Folder
        : ResultName.Of(Name, separate) is null ? SkipReason.NameTooLong
        : Image.Properties.AccessTier == AccessTier.Archive ? SkipReason.Archived
        : Result is not null && Metadata is null ? SkipReason.NameTaken
        : null;
}
