namespace ResNetFunctions.Api.Blobs;

/// <summary>What came of one blob.</summary>
public enum BlobOutcome
{
    /// <summary>Its predictions were written.</summary>
    Classified,

    /// <summary>It can never be classified, which was written.</summary>
    Rejected,

    /// <summary>Its last try failed, which was written.</summary>
    Failed,

    /// <summary>Its result was there already.</summary>
    Current,

    /// <summary>It was deleted meanwhile, and has no result.</summary>
    Gone,

    /// <summary>It is a result, a directory, or archived: nothing to classify.</summary>
    NotAnImage,

    /// <summary>No result can be written: a blob that is not ours has its name, or that name would be too long.</summary>
    NoResultName,
}
