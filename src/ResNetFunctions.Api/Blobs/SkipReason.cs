namespace ResNetFunctions.Api.Blobs;

internal enum SkipReason
{
    /// <summary>The result's name belongs to a blob that is not a result.</summary>
    NameTaken,

    /// <summary>The result's name would be too long.</summary>
    NameTooLong,

    /// <summary>It can't be read until it leaves the archive tier.</summary>
    Archived,

    /// <summary>A directory, or a name that ends with a slash.</summary>
    Folder,
}

internal readonly record struct SkippedCounts(long NameTaken, long NameTooLong, long Archived, long Folders)
{
    public SkippedCounts And(SkipReason reason) => reason switch
    {
        SkipReason.NameTaken => this with { NameTaken = NameTaken + 1 },
        SkipReason.NameTooLong => this with { NameTooLong = NameTooLong + 1 },
        SkipReason.Archived => this with { Archived = Archived + 1 },
        _ => this with { Folders = Folders + 1 },
    };

    /// <summary>The reasons in one line; null if there are none.</summary>
    public string? Line()
    {
        string[] reasons =
        [
            .. new (long Count, string Why)[]
            {
                (NameTaken, "because another blob has the result's name"), (NameTooLong, "because the result's name would be too long"),
                (Archived, "archived"), (Folders, "folders"),
            }.Where(reason => reason.Count > 0).Select(reason => $"{reason.Count:N0} {reason.Why}"),
        ];
        return reasons.Length == 0 ? null : $"Skipped: {string.Join(", ", reasons)}.";
    }
}
