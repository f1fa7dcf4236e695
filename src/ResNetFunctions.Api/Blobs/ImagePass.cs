using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Images that were found, and the work on those that need it: what the listener and the backfill do.</summary>
internal sealed class ImagePass(
    BlobClassifier classifier, ResNetOptions resNet, BlobContainerClient images, BlobContainerClient? results,
    IAsyncEnumerable<WalkedImage> found)
{
    /// <summary>What needs work.</summary>
    public WorkRule Rule { get; init; }

    /// <summary>Which images that need work are taken on; default: all.</summary>
    public Func<WalkedImage, bool> Takes { get; init; } = _ => true;

    /// <summary>Which try at the image this is, or null where it is not counted; default: at least the first.</summary>
    public Func<WalkedImage, int?> Attempt { get; init; } = _ => 1;

    /// <summary>Told of each image that was worked on: what came of it, or what was thrown.</summary>
    public Action<WalkedImage, BlobOutcome?, Exception?> Done { get; init; } = (_, _, _) => { };

    /// <summary>Told of each blob that gets no result.</summary>
    public Action<PassedOver> PassedOver { get; init; } = _ => { };

    /// <summary>Classifies what needs it. Images that fail do not end the pass.</summary>
    /// <param name="stop">Takes on no more images, and ends once those in hand are finished.</param>
    /// <param name="cancellationToken">Gives up those in hand too.</param>
    /// <exception cref="UnavailableException">There is no model at hand: nothing was done.</exception>
    /// <exception cref="RequestFailedException">The listing failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped before its end.</exception>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        ModelIdentity model = await classifier.ModelAsync(stop).ConfigureAwait(false);

        // Two a core, so that one is computed while the other is read and written.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = resNet.Turns + resNet.MaxConcurrency, CancellationToken = stop };
        await Parallel.ForEachAsync(
            FindAsync(model, stop), parallel, (image, _) => ClassifyAsync(image, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>How many images need work.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        ModelIdentity model = await classifier.ModelAsync(cancellationToken).ConfigureAwait(false);
        int count = 0;
        await foreach (WalkedImage _ in FindAsync(model, cancellationToken).ConfigureAwait(false))
            count++;
        return count;
    }

    private async IAsyncEnumerable<WalkedImage> FindAsync(
        ModelIdentity model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (WalkedImage image in found.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (image.Image is null)
                continue;
            if (image.PassedOver(apart: results is not null) is { } reason)
                PassedOver(reason);
            else if (Rule.Needs(image.Metadata, image.ETag, model) && Takes(image))
                yield return image;
        }
    }

    private async ValueTask ClassifyAsync(WalkedImage image, CancellationToken cancellationToken)
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
