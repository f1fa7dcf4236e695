using System.Text.Json.Serialization;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>What <c>POST /api/backfills</c> takes; nothing of it must be there, and nothing else may.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BackfillRequest
{
    /// <summary>Only names that begin so.</summary>
    public string? Prefix { get; init; }

    /// <summary>Also what was given up after five tries.</summary>
    public bool Failed { get; init; }

    /// <summary>Also what another model answered, and what was rejected.</summary>
    public bool Reclassify { get; init; }
}

/// <summary>How far a backfill is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">listing; working: all that needs work is in the queue; done: the queue is empty too; stopped; failed.</param>
/// <param name="Listed">Images that were listed.</param>
/// <param name="Enqueued">Of them, those that were put into the queue.</param>
/// <param name="Waiting">Messages in the queue, whoever put them there, of up to 32 images each.</param>
/// <param name="Skipped">Of those listed, the blobs that get no result, by reason.</param>
/// <param name="Started">When it was asked for.</param>
/// <param name="Updated">When it last got on.</param>
/// <param name="Prefix">As asked for.</param>
/// <param name="Failed">As asked for.</param>
/// <param name="Reclassify">As asked for.</param>
/// <param name="Error">Why it failed, or what went wrong and is tried again.</param>
internal sealed record BackfillStatus(
    string Id, string State, long Listed, long Enqueued, int Waiting, SkippedCounts Skipped, DateTimeOffset Started,
    DateTimeOffset Updated, string? Prefix, bool Failed, bool Reclassify, string? Error)
{
    /// <summary>The version of this JSON's shape.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema { get; } = 1;

    public static BackfillStatus Of(WalkState walk, int waiting) => new(
        walk.Id,
        walk.Status switch
        {
            WalkStatus.Listing => "listing",
            WalkStatus.Listed => waiting > 0 ? "working" : "done",
            WalkStatus.Stopped => "stopped",
            _ => "failed",
        },
        walk.Listed, walk.Enqueued, waiting, walk.Skipped, walk.Started, walk.Updated, walk.Prefix, walk.Failed, walk.Reclassify, walk.Error);
}
