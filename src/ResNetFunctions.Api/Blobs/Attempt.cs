using Azure;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>One counted attempt to classify one version of an image.</summary>
internal sealed record Attempt(string ETag, int Number)
{
    public bool IsLast => Number == WorkRule.MaxAttempts;

    /// <summary>All attempts were used; the process ended during the last one.</summary>
    public bool IsOver => Number > WorkRule.MaxAttempts;

    /// <summary>The attempt after those in the result's metadata and those that the caller counted.</summary>
    public static Attempt Next(int known, ResultMetadata? result, string etag)
    {
        bool same = result is { Status: ResultMetadata.Pending } && result.SourceETag == etag;
        return new Attempt(etag, Math.Max(known, same ? result!.Attempts + 1 : 1));
    }

    /// <summary>The result while the attempt runs. It stays if the process ends.</summary>
    public ClassificationResult Started() => new()
    {
        Status = ResultMetadata.Pending,
        Error = new ResultError(ErrorCode.InternalError, $"Attempt {Number} of {WorkRule.MaxAttempts} has started and not succeeded yet."),
    };

    public static ClassificationResult Failed(Exception? e) => new()
    {
        Status = ResultMetadata.Failed,
        Error = e is null
            ? new ResultError(ErrorCode.InternalError, $"All {WorkRule.MaxAttempts} attempts failed; during the last one the process ended.")
            : StorageError.Cause(e) switch
            {
                UnavailableException unavailable => new ResultError(unavailable.Code, unavailable.Message),
                InvalidModelException invalid => new ResultError(ErrorCode.ModelUnavailable, invalid.Message),
                RequestFailedException storage => new ResultError(
                    ErrorCode.InternalError, $"Storage failed: {storage.Status} {storage.ErrorCode ?? "no answer"}."),
                var other => new ResultError(
                    ErrorCode.InternalError, $"The last attempt failed with {other.GetType().Name}; see the log."),
            },
    };
}
