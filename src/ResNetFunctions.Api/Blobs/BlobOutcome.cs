namespace ResNetFunctions.Api.Blobs;

/// <summary>What happened to one blob.</summary>
public enum BlobOutcome
{
    /// <summary>Its predictions were written.</summary>
    Classified,

    /// <summary>It can never be classified; this was written.</summary>
    Rejected,

    /// <summary>Its last attempt failed; this was written.</summary>
    Failed,

    /// <summary>It has its result already.</summary>
    Current,

    /// <summary>It was deleted meanwhile and has no result.</summary>
    Gone,

    /// <summary>It is a result, a directory, or archived.</summary>
    NotAnImage,

    /// <summary>No result can be written: the result's name is taken by another blob, or too long.</summary>
    NoResultName,
}
