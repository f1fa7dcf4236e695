using Azure;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>One counted try at one version of an image.</summary>
internal sealed record Attempt(string ETag, int Number)
{
    /// <summary>A failure now is the end of it.</summary>
    public bool IsLast => Number == WorkRule.MaxAttempts;

    /// <summary>All tries were begun before; the last of them ended with its process.</summary>
    public bool IsOver => Number > WorkRule.MaxAttempts;

    /// <summary>The try after those that are noted and those that the caller knows of.</summary>
    public static Attempt Next(int known, ResultMetadata? result, string etag)
    {
        bool same = result is { Status: ResultMetadata.Pending } && result.SourceETag == etag;
        return new Attempt(etag, Math.Max(known, same ? result!.Attempts + 1 : 1));
    }

    /// <summary>What stands as the result while the try lasts, and after it where its process ended.</summary>
    public ClassificationResult Started() => new()
    {
        Status = ResultMetadata.Pending,
        Error = new ResultError(ErrorCode.InternalError, $"Try {Number} of {WorkRule.MaxAttempts} has begun and not ended well so far."),
    };

    /// <summary>The last word, until someone asks for failed images to be tried again.</summary>
    public static ClassificationResult Failed(Exception? e) => new()
    {
        Status = ResultMetadata.Failed,
        Error = e is null
            ? new ResultError(ErrorCode.InternalError, $"{WorkRule.MaxAttempts} tries were begun, and none ended well.")
            : StorageError.Cause(e) switch
            {
                UnavailableException unavailable => new ResultError(unavailable.Code, unavailable.Message),
                InvalidModelException invalid => new ResultError(ErrorCode.ModelUnavailable, invalid.Message),
                RequestFailedException storage => new ResultError(
                    ErrorCode.InternalError, $"Storage failed: {storage.Status} {storage.ErrorCode ?? "no answer"}."),
                var other => new ResultError(
                    ErrorCode.InternalError, $"The last try failed with {other.GetType().Name}; the log has more."),
            },
    };
}
