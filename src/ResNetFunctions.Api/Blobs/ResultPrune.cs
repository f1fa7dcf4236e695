using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ResNetFunctions.Api.Blobs;

internal static class ResultPrune
{
    /// <summary>Removes results whose image is gone, and nothing else.</summary>
    /// <returns>The image of each result, when it is removed.</returns>
    public static async IAsyncEnumerable<string> RunAsync(
        BlobContainerClient images, BlobContainerClient? results, string? prefix,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var walk = new ImageWalk(images, results, prefix);
        await foreach (ListedImage walked in walk.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (walked.Image is null && walked.Metadata?.Container == images.Name
                && !await images.GetBlobClient(walked.Name).ExistsAsync(cancellationToken).ConfigureAwait(false)
                && await DeleteAsync((results ?? images).GetBlobClient(walked.Result!.Name), walked.Result, cancellationToken).ConfigureAwait(false))
            {
                yield return walked.Name;
            }
        }
    }

    // A result that changed since the listing has an image.
    private static async Task<bool> DeleteAsync(BlobClient result, BlobItem listed, CancellationToken cancellationToken)
    {
        try
        {
            await result.DeleteAsync(
                DeleteSnapshotsOption.IncludeSnapshots,
                new BlobRequestConditions { IfMatch = listed.Properties.ETag }, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return false;
        }
    }
}
