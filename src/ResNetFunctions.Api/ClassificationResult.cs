using System.Text.Json.Serialization;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api;

/// <summary>The JSON of one image's result, over HTTP and beside a blob.</summary>
public sealed record ClassificationResult
{
    /// <summary>The version of this JSON.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>classified; rejected: can never be classified; failed: all attempts failed; pending (blobs only): an attempt
    /// runs or failed, and more may follow.</summary>
    public required string Status { get; init; }

    /// <summary>The file's name, in answers to multipart requests.</summary>
    public string? File { get; init; }

    /// <summary>The model that answered.</summary>
    public ModelIdentity? Model { get; init; }

    /// <summary>The image.</summary>
    public ImageInfo? Image { get; init; }

    /// <summary>The top k classes.</summary>
    public IReadOnlyList<Prediction>? Predictions { get; init; }

    /// <summary>How long each step took.</summary>
    public Timings? Timings { get; init; }

    /// <summary>Why the image was not classified.</summary>
    public ResultError? Error { get; init; }

    /// <summary>The blob that this is the result of.</summary>
    public ResultSource? Source { get; init; }

    /// <summary>When a blob's result was written.</summary>
    public DateTimeOffset? ClassifiedAt { get; init; }

    /// <summary>A classified image.</summary>
    public static ClassificationResult Classified(Classification classification) => new()
    {
        Status = "classified",
        Model = classification.Model,
        Image = classification.Image,
        Predictions = classification.Predictions,
        Timings = classification.Timings,
    };

    /// <summary>An image that can never be classified.</summary>
    public static ClassificationResult Rejected(RejectedException e) => new()
    {
        Status = "rejected",
        Error = new ResultError(e.Code, e.Message),
    };
}

/// <summary>Why an image was not classified.</summary>
/// <param name="Code">One of <see cref="ErrorCode"/>.</param>
/// <param name="Detail">One sentence.</param>
public sealed record ResultError(string Code, string Detail);

/// <summary>One version of a blob.</summary>
/// <param name="Etag">Without quotes.</param>
/// <param name="LastModified">By storage's clock.</param>
public sealed record ResultSource(string Container, string Name, string Etag, DateTimeOffset LastModified, long ContentLength);

/// <summary>The answer to a multipart request: one result a file, in order.</summary>
public sealed record ClassificationResults(IReadOnlyList<ClassificationResult> Results)
{
    /// <summary>The version of this JSON.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema { get; init; } = 1;
}
