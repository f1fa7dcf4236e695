using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions;

/// <summary>Each uploaded blob. What is thrown here makes the host try again, and in the end note the blob in its poison
/// queue; the sweep sees it after that.</summary>
internal sealed class ClassifyBlob(BlobClassifier classifier)
{
    // A client and no stream or bytes: an image over the limit is never read, and one that changes meanwhile is noticed.
    [Function(nameof(ClassifyBlob))]
    public async Task RunAsync(
        [BlobTrigger("images/{name}", Source = BlobTriggerSource.EventGrid, Connection = "ImageStorage")] BlobClient image,
        CancellationToken cancellationToken) =>
        await classifier.ClassifyAsync(image, cancellationToken);
}
