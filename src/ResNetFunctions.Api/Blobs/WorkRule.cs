using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Which images need work. Without a model's say: those without a result, or with one for another version
/// of the image, or one whose tries are not used up.</summary>
/// <param name="Failed">Those too that were given up.</param>
/// <param name="Reclassify">Those too that another model answered, and those that were rejected.</param>
internal readonly record struct WorkRule(bool Failed = false, bool Reclassify = false)
{
    /// <summary>How often an image is tried before it is given up.</summary>
    public const int MaxAttempts = 5;

    /// <param name="result">The image's result, or null where it has none.</param>
    /// <param name="sourceETag">The image's present version.</param>
    /// <param name="model">The loaded model.</param>
    public bool Needs(ResultMetadata? result, string sourceETag, ModelIdentity model) =>
        Decide(result, sourceETag) ?? result!.ModelSha256 != model.Sha256;

    /// <summary>As <see cref="Needs"/>, and null where only the loaded model can tell.</summary>
    public bool? Decide(ResultMetadata? result, string sourceETag)
    {
        if (result is null || result.SourceETag != sourceETag)
            return true;
        return result.Status switch
        {
            ResultMetadata.Rejected => Reclassify,
            ResultMetadata.Failed => Failed,
            ResultMetadata.Pending => true,
            _ when Reclassify => null,
            _ => false, // Two versions side by side would otherwise rewrite each other's results for ever.
        };
    }
}
