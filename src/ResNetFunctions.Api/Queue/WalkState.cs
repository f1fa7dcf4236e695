using System.Text.Json.Serialization;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>A walk: what it looks for, and how far it got. One small blob; nothing of it is kept in a process.</summary>
internal sealed record WalkState
{
    public const int Version = 1;

    /// <summary>The version of this JSON's shape.</summary>
    public int V { get; init; } = Version;

    public string Id { get; init; } = "";

    /// <summary>Where it walks.</summary>
    public string Container { get; init; } = "";

    /// <summary>Only names that begin so; null: all.</summary>
    public string? Prefix { get; init; }

    /// <summary>Also what was given up.</summary>
    public bool Failed { get; init; }

    /// <summary>Also what another model answered, and what was rejected.</summary>
    public bool Reclassify { get; init; }

    /// <summary>Only what was written before; null: all.</summary>
    public DateTimeOffset? Before { get; init; }

    public WalkStatus Status { get; init; }

    /// <summary>The name to go on from; null: the first.</summary>
    public string? Next { get; init; }

    /// <summary>Images that were listed.</summary>
    public long Listed { get; init; }

    /// <summary>Images that were put into the queue.</summary>
    public long Enqueued { get; init; }

    /// <summary>Blobs that get no result.</summary>
    public SkippedCounts Skipped { get; init; }

    /// <summary>How often in a row it went wrong.</summary>
    public int Failures { get; init; }

    /// <summary>Why it ended without an end.</summary>
    public string? Error { get; init; }

    public DateTimeOffset Started { get; init; }

    public DateTimeOffset Updated { get; init; }

    /// <summary>Who wrote this, other for each write: a writer whose answer was lost knows its own by it.</summary>
    public Guid Stamp { get; init; }

    [JsonIgnore]
    public WorkRule Rule => new(Failed, Reclassify);
}

/// <summary>Where a walk is.</summary>
internal enum WalkStatus
{
    /// <summary>It lists, or waits until it goes on.</summary>
    Listing,

    /// <summary>All that needs work is in the queue.</summary>
    Listed,

    /// <summary>Someone stopped it.</summary>
    Stopped,

    /// <summary>It can't be brought to its end.</summary>
    Failed,
}
