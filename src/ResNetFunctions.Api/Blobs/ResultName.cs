namespace ResNetFunctions.Api.Blobs;

/// <summary>Which blob holds which image's result.</summary>
internal static class ResultName
{
    /// <summary>The end of a result's name beside its image; no blob that ends so is ever an image.</summary>
    public const string Suffix = ".classification.json";

    /// <summary>The end of a result's name in a container of its own.</summary>
    public const string SeparateSuffix = ".json";

    /// <summary>The longest name that a blob can have.</summary>
    private const int MaxNameLength = 1024;

    public static bool IsImage(string name) => !IsResult(name) && !IsFolder(name);

    /// <summary>Whether a blob beside images has the name of a result.</summary>
    public static bool IsResult(string name) => name.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Whether it is the name of a folder. Storage's clients leave the slash off, and so would ask for another blob.</summary>
    public static bool IsFolder(string name) => name.EndsWith('/');

    /// <summary>The name of an image's result, or null where no blob can have it.</summary>
    public static string? Of(string image, bool separate)
    {
        string name = image + (separate ? SeparateSuffix : Suffix);
        return name.Length <= MaxNameLength ? name : null;
    }
}
