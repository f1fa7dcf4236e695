namespace ResNetFunctions.Api.Blobs;

internal static class ResultName
{
    /// <summary>The suffix of a result beside its image. A blob with it is never an image.</summary>
    public const string Suffix = ".classification.json";

    /// <summary>The suffix of a result in a container of its own.</summary>
    public const string SeparateSuffix = ".json";

    private const int MaxNameLength = 1024;

    public static bool IsImage(string name) => !IsResult(name) && !IsFolder(name);

    public static bool IsResult(string name) => name.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Storage's clients drop the slash at the end, and would ask for another blob.</summary>
    public static bool IsFolder(string name) => name.EndsWith('/');

    /// <summary>The name of an image's result; null if it would be too long.</summary>
    public static string? Of(string image, bool separate)
    {
        string name = image + (separate ? SeparateSuffix : Suffix);
        return name.Length <= MaxNameLength ? name : null;
    }
}
