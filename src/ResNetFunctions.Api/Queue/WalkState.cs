using System.Text.Json.Serialization;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>A walk's parameters and progress, kept in one small blob and in no process.</summary>
internal sealed record WalkState
{
    public const int Version = 1;

    public int V { get; init; } = Version;

    public string Id { get; init; } = "";

    public string Container { get; init; } = "";

    public string? Prefix { get; init; }

    public bool Failed { get; init; }

    public bool Reclassify { get; init; }

    /// <summary>Only images older than this; null: all.</summary>
    public DateTimeOffset? Before { get; init; }

    public WalkStatus Status { get; init; }

    /// <summary>The name to continue from; null: the first.</summary>
    public string? Next { get; init; }

    public long Listed { get; init; }

    public long Enqueued { get; init; }

    public SkippedCounts Skipped { get; init; }

    /// <summary>How many times in a row it failed.</summary>
    public int Failures { get; init; }

    public string? Error { get; init; }

    public DateTimeOffset Started { get; init; }

    public DateTimeOffset Updated { get; init; }

    /// <summary>Unique for each write, so that a writer whose answer was lost recognises its own.</summary>
    public Guid Stamp { get; init; }

    [JsonIgnore]
    public WorkRule Rule => new(Failed, Reclassify);
}

internal enum WalkStatus
{
    /// <summary>It lists, or waits to continue.</summary>
    Listing,

    /// <summary>All that needs work is in the queue.</summary>
    Listed,

    Stopped,

    /// <summary>It failed too often, or can never succeed.</summary>
    Failed,
}
