using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions;

/// <summary>Classifies an uploaded blob. If it throws, the host tries again and at last puts a message into the poison
/// queue; the sweep then finds the blob.</summary>
internal sealed class ClassifyBlob(BlobClassifier classifier)
{
    // A BlobClient, not the bytes: an image over the limit is never read, and a change is noticed.
    [Function(nameof(ClassifyBlob))]
    public async Task RunAsync(
        [BlobTrigger("images/{name}", Source = BlobTriggerSource.EventGrid, Connection = "ImageStorage")] BlobClient image,
        CancellationToken cancellationToken) =>
        await classifier.ClassifyAsync(image, cancellationToken);
}
