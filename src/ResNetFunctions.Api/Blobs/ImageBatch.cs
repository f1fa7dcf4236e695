using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Listed images, and the classification of those that need it, for the listener and the backfill.</summary>
internal sealed class ImageBatch(
    BlobClassifier classifier, ResNetOptions resNet, BlobContainerClient images, BlobContainerClient? results,
    IAsyncEnumerable<ListedImage> found)
{
    public WorkRule Rule { get; init; }

    /// <summary>Which of the images that need work are classified now; default: all.</summary>
    public Func<ListedImage, bool> IsDue { get; init; } = _ => true;

    /// <summary>The number of the attempt, or null where it is not counted; default: 1.</summary>
    public Func<ListedImage, int?> Attempt { get; init; } = _ => 1;

    /// <summary>Called for each image, with its outcome or the exception.</summary>
    public Action<ListedImage, BlobOutcome?, Exception?> Done { get; init; } = (_, _, _) => { };

    public Action<SkipReason> Skipped { get; init; } = _ => { };

    /// <summary>Classifies what needs it. An image that fails does not end the batch.</summary>
    /// <param name="stop">Starts no more images, and ends once those in progress are done.</param>
    /// <param name="cancellationToken">Cancels those in progress too.</param>
    /// <exception cref="UnavailableException">There is no model: nothing was done.</exception>
    /// <exception cref="RequestFailedException">The listing failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped before its end.</exception>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        ModelIdentity model = await classifier.ModelAsync(stop).ConfigureAwait(false);

        // Two a core: one computes while the other waits for storage.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = resNet.Turns + resNet.MaxConcurrency, CancellationToken = stop };
        await Parallel.ForEachAsync(
            FindAsync(model, stop), parallel, (image, _) => ClassifyAsync(image, cancellationToken)).ConfigureAwait(false);
    }

    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        ModelIdentity model = await classifier.ModelAsync(cancellationToken).ConfigureAwait(false);
        int count = 0;
        await foreach (ListedImage _ in FindAsync(model, cancellationToken).ConfigureAwait(false))
            count++;
        return count;
    }

    private async IAsyncEnumerable<ListedImage> FindAsync(
        ModelIdentity model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ListedImage image in found.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (image.Image is null)
                continue;
            if (image.ReasonToSkip(separate: results is not null) is { } reason)
                Skipped(reason);
            else if (Rule.Needs(image.Metadata, image.ETag, model) && IsDue(image))
                yield return image;
        }
    }

    private async ValueTask ClassifyAsync(ListedImage image, CancellationToken cancellationToken)
    {
        try
        {
            BlobOutcome outcome = await classifier.ClassifyAsync(
                images.GetBlobClient(image.Name), Rule, Attempt(image), cancellationToken).ConfigureAwait(false);
            Done(image, outcome, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Done(image, null, e);
        }
    }
}
