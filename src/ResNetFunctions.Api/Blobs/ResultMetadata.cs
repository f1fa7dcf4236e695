using System.Globalization;
using Azure;

namespace ResNetFunctions.Api.Blobs;

/// <summary>The result's blob metadata: a listing alone tells what needs work.</summary>
/// <param name="SourceETag">The image's version.</param>
/// <param name="Status">As in the result's JSON.</param>
/// <param name="Attempts">How many attempts were started, where they are counted.</param>
internal sealed record ResultMetadata(
    string Container, string SourceETag, string Status, string? ModelSha256 = null, int Attempts = 0)
{
    public const string Classified = "classified";
    public const string Rejected = "rejected";
    public const string Pending = "pending";
    public const string Failed = "failed";

    private const string Prefix = "resnet_";

    /// <summary>Null if the blob is not a result.</summary>
    public static ResultMetadata? Read(IDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(Prefix + "source_etag", out string? sourceETag)
            || !metadata.TryGetValue(Prefix + "status", out string? status))
        {
            return null;
        }
        metadata.TryGetValue(Prefix + "container", out string? container);
        metadata.TryGetValue(Prefix + "model_sha256", out string? modelSha256);
        metadata.TryGetValue(Prefix + "attempts", out string? attempts);
        return new ResultMetadata(
            container ?? "", sourceETag, status, modelSha256,
            int.TryParse(attempts, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0);
    }

    public Dictionary<string, string> Write()
    {
        var metadata = new Dictionary<string, string>
        {
            [Prefix + "schema"] = "1",
            [Prefix + "container"] = Container,
            [Prefix + "source_etag"] = SourceETag,
            [Prefix + "status"] = Status,
        };
        if (ModelSha256 is not null)
            metadata[Prefix + "model_sha256"] = ModelSha256;
        if (Attempts > 0)
            metadata[Prefix + "attempts"] = Attempts.ToString(CultureInfo.InvariantCulture);
        return metadata;
    }

    /// <summary>Headers quote an ETag, listings do not.</summary>
    public static string Plain(ETag etag) => etag.ToString().Trim('"');
}
