using System.Text.Json.Serialization;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>The body of <c>POST /api/backfills</c>. All members are optional; unknown ones are errors.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BackfillRequest
{
    /// <summary>Only names with this prefix.</summary>
    public string? Prefix { get; init; }

    /// <summary>Also images with the status failed.</summary>
    public bool Failed { get; init; }

    /// <summary>Also images that another model answered, and rejected ones.</summary>
    public bool Reclassify { get; init; }
}

/// <param name="State">listing; working: all that needs work is in the queue; done: the queue is empty too; stopped;
/// failed.</param>
/// <param name="Enqueued">How many of the listed images were put into the queue.</param>
/// <param name="Waiting">Messages in the queue, of all walks.</param>
/// <param name="Skipped">Blobs that get no result, by reason.</param>
/// <param name="Updated">When it last made progress.</param>
/// <param name="Error">Why it failed, or what is being retried.</param>
internal sealed record BackfillStatus(
    string Id, string State, long Listed, long Enqueued, int Waiting, SkippedCounts Skipped, DateTimeOffset Started,
    DateTimeOffset Updated, string? Prefix, bool Failed, bool Reclassify, string? Error)
{
    /// <summary>The version of this JSON.</summary>
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
