using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Lists a container's blobs with their metadata, in name order, one page in memory.</summary>
/// <param name="from">The name to begin with; null: the first.</param>
/// <param name="pageSize">Blobs a page; null: 5,000, the maximum.</param>
internal sealed class BlobListing(
    BlobContainerClient container, string? prefix, string? from, int? pageSize, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<Page<BlobItem>> _pages = container
        .GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = prefix, StartFrom = from }, cancellationToken)
        .AsPages(pageSizeHint: pageSize).GetAsyncEnumerator(cancellationToken);

    private IReadOnlyList<BlobItem> _blobs = [];
    private int _index;
    private string? _next;

    /// <summary>The current blob; null before the first and after the last.</summary>
    public BlobItem? Current { get; private set; }

    /// <summary>Whether the next blob needs a request to storage.</summary>
    public bool IsAtPageEnd => _index == _blobs.Count && !string.IsNullOrEmpty(_next);

    /// <summary>The time of the first page, by storage's clock.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>How long storage took to answer.</summary>
    public TimeSpan Waited { get; private set; }

    /// <exception cref="RequestFailedException">Storage failed, or the container does not exist.</exception>
    public async ValueTask<bool> MoveNextAsync()
    {
        while (_index == _blobs.Count)
        {
            long asked = Stopwatch.GetTimestamp();
            bool more = await _pages.MoveNextAsync().ConfigureAwait(false);
            Waited += Stopwatch.GetElapsedTime(asked);
            if (!more)
            {
                Current = null;
                return false;
            }
            StartedAt ??= _pages.Current.GetRawResponse().Headers.Date;
            (_blobs, _index, _next) = (_pages.Current.Values, 0, _pages.Current.ContinuationToken);
        }
        Current = _blobs[_index++];
        return true;
    }

    public ValueTask DisposeAsync() => _pages.DisposeAsync();
}
