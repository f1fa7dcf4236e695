using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Writes the one result of a blob, for its newest version. It may be called any number of times, by several
/// processes at once. It writes nothing but the result.</summary>
public sealed partial class BlobClassifier(
    Lazy<Classifier> classifier, ResNetOptions resNet, BlobsOptions options, ILogger<BlobClassifier> logger)
{
    private const int MaxRounds = 5;

    /// <summary>Classifies a blob, unless it has its result already.</summary>
    /// <param name="image">The blob. Its client's pipeline and credential are used for the result too.</param>
    /// <exception cref="UnavailableException">May succeed later: there is no model, or the settings are invalid.</exception>
    /// <exception cref="RequestFailedException">May succeed later: storage failed.</exception>
    /// <exception cref="IOException">May succeed later: the blob kept changing.</exception>
    public Task<BlobOutcome> ClassifyAsync(BlobClient image, CancellationToken cancellationToken = default) =>
        ClassifyAsync(image, default, attempt: null, cancellationToken);

    /// <param name="image">The blob.</param>
    /// <param name="rule">What needs work.</param>
    /// <param name="attempt">The number of this attempt, if it is counted. It is written to the result first, so that an
    /// image that ends the process is not tried for ever.</param>
    internal async Task<BlobOutcome> ClassifyAsync(
        BlobClient image, WorkRule rule, int? attempt, CancellationToken cancellationToken)
    {
        options.ThrowIfInvalid();
        if (!ResultName.IsImage(image.Name))
            return BlobOutcome.NotAnImage;
        if (ResultOf(image) is not { } result)
        {
            LogNoResultName(image.Name);
            return BlobOutcome.NoResultName;
        }

        // The version whose result this call wrote, or may have written: storage's answer can be lost.
        string? written = null;
        Attempt? counted = null;
        for (int round = 0; round < MaxRounds; round++)
        {
            // 1. Read the result.
            ResultBlob.State before = await result.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (before.IsForeign)
            {
                LogNoResultName(image.Name);
                return BlobOutcome.NoResultName;
            }

            // 2. Read the image's properties. The event's ETag is not used: ETags have no order.
            SourceBlob? source = await SourceBlob.ReadAsync(image, cancellationToken).ConfigureAwait(false);
            if (source is null)
            {
                if (before.Metadata is { } left && left.SourceETag == written)
                    await result.DeleteAsync(before, cancellationToken).ConfigureAwait(false);
                return BlobOutcome.Gone;
            }
            if (!source.IsReadable)
                return BlobOutcome.NotAnImage;
            if (!await NeedsWorkAsync(rule, before.Metadata, source.ETag, cancellationToken).ConfigureAwait(false))
                return BlobOutcome.Current;

            if (attempt is { } known && counted?.ETag != source.ETag)
            {
                counted = Attempt.Next(known, before.Metadata, source.ETag);
                if (!counted.IsOver)
                {
                    written = source.ETag;
                    if (await WriteAsync(result, source, counted.Started(), counted, before, cancellationToken).ConfigureAwait(false) is not { } started)
                        continue;
                    before = started;
                }
            }

            // 3. Download exactly that version and classify it.
            if (await AnswerAsync(source, counted, cancellationToken).ConfigureAwait(false) is not { } answer)
                continue;

            // 4. Write the result under a condition.
            written = source.ETag;
            if (await WriteAsync(result, source, answer, null, before, cancellationToken).ConfigureAwait(false) is not { } now)
                continue;

            // 5. Check that the image is still the same.
            SourceBlob? after = await SourceBlob.ReadAsync(image, cancellationToken).ConfigureAwait(false);
            if (after is null)
            {
                await result.DeleteAsync(now, cancellationToken).ConfigureAwait(false);
                return BlobOutcome.Gone;
            }
            if (after.ETag == source.ETag)
                return OutcomeOf(answer);
        }
        throw new IOException($"{image.Name} or its result changed {MaxRounds} times while it was classified.");
    }

    /// <summary>Loads the model that classifies blobs.</summary>
    /// <exception cref="UnavailableException">There is no model.</exception>
    internal async ValueTask<ModelIdentity> ModelAsync(CancellationToken cancellationToken)
    {
        string name = options.Model is { Length: > 0 } own ? own : classifier.Value.Store.DefaultModel;
        try
        {
            return classifier.Value.Loaded.FirstOrDefault(model => model.Name == name)
                ?? await classifier.Value.WarmUpAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (RejectedException e)
        {
            throw new UnavailableException(ErrorCode.ModelUnavailable, e.Message, innerException: e);
        }
    }

    /// <summary>Whether an image needs work. Loads the model only if the answer depends on it.</summary>
    internal async ValueTask<bool> NeedsWorkAsync(
        WorkRule rule, ResultMetadata? result, string sourceETag, CancellationToken cancellationToken) =>
        rule.Decide(result, sourceETag)
        ?? rule.Needs(result, sourceETag, await ModelAsync(cancellationToken).ConfigureAwait(false));

    private ResultBlob? ResultOf(BlobClient image)
    {
        bool separate = options.ResultsContainer is { Length: > 0 };
        if (ResultName.Of(image.Name, separate) is not { } name)
            return null;
        BlobContainerClient images = image.GetParentBlobContainerClient();
        BlobContainerClient? own = separate
            ? images.GetParentBlobServiceClient().GetBlobContainerClient(options.ResultsContainer)
            : null;
        return new ResultBlob((own ?? images).GetBlobClient(name), own);
    }

    // Null if this version of the image is gone.
    private async Task<ClassificationResult?> AnswerAsync(SourceBlob source, Attempt? attempt, CancellationToken cancellationToken)
    {
        if (attempt is { IsOver: true })
            return Attempt.Failed(null);
        try
        {
            using PooledBytes? image = await source.DownloadAsync(resNet.MaxImageBytes, cancellationToken).ConfigureAwait(false);
            return image is null ? null
                : ClassificationResult.Classified(await ClassifyAsync(image.Memory, cancellationToken).ConfigureAwait(false));
        }
        catch (RejectedException e)
        {
            return ClassificationResult.Rejected(e);
        }
        catch (Exception e) when (attempt is { IsLast: true } && !cancellationToken.IsCancellationRequested)
        {
            LogFailed(e, source.Blob.Name);
            return Attempt.Failed(e);
        }
    }

    // HTTP requests go first: a client waits for them, and nobody waits for a blob.
    private async Task<Classification> ClassifyAsync(ReadOnlyMemory<byte> image, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await classifier.Value.ClassifyAsync(image, model: options.Model, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch (UnavailableException e) when (e.Code == ErrorCode.Overloaded)
            {
                await Task.Delay(e.RetryAfter ?? TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
            }
            catch (RejectedException e) when (e.Code == ErrorCode.UnknownModel)
            {
                throw new UnavailableException(ErrorCode.ModelUnavailable, e.Message, innerException: e);
            }
        }
    }

    private static async Task<ResultBlob.State?> WriteAsync(
        ResultBlob result, SourceBlob source, ClassificationResult answer, Attempt? attempt, ResultBlob.State before,
        CancellationToken cancellationToken)
    {
        var metadata = new ResultMetadata(
            source.Blob.BlobContainerName, source.ETag, answer.Status, answer.Model?.Sha256,
            attempt?.Number ?? 0);
        ResultBlob.State? now = await result.WriteAsync(
            answer with { Source = source.Describe(), ClassifiedAt = DateTimeOffset.UtcNow }, metadata, before, cancellationToken)
            .ConfigureAwait(false);
        if (now is not null && answer.Status != ResultMetadata.Pending)
            BlobMetrics.CountResult(answer.Status);
        return now;
    }

    private static BlobOutcome OutcomeOf(ClassificationResult answer) => answer.Status switch
    {
        ResultMetadata.Classified => BlobOutcome.Classified,
        ResultMetadata.Rejected => BlobOutcome.Rejected,
        _ => BlobOutcome.Failed,
    };

    [LoggerMessage(1, LogLevel.Warning, "No result for {Image}: the result's name belongs to another blob or is too long. Rename the image or that blob.")]
    private partial void LogNoResultName(string image);

    [LoggerMessage(2, LogLevel.Error, "All attempts to classify {Image} failed; its result says failed. `resnet blobs backfill --failed` tries again.")]
    private partial void LogFailed(Exception e, string image);
}
