using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Which images need work: those without a result for their version, or with attempts left.</summary>
/// <param name="Failed">Also those with the status failed.</param>
/// <param name="Reclassify">Also those that another model answered, and rejected ones.</param>
internal readonly record struct WorkRule(bool Failed = false, bool Reclassify = false)
{
    public const int MaxAttempts = 5;

    public bool Needs(ResultMetadata? result, string sourceETag, ModelIdentity model) =>
        Decide(result, sourceETag) ?? result!.ModelSha256 != model.Sha256;

    /// <summary>As <see cref="Needs"/>, but null if it depends on the loaded model.</summary>
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
