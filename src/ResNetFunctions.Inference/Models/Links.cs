namespace ResNetFunctions.Inference.Models;

/// <summary>Symbolic links may point to anything in the folder, as mounted configuration does, but not outside.</summary>
internal static class Links
{
    private const int MaxDepth = 40; // as Linux's own limit

    /// <summary>Whether a file, its links followed, is below a folder.</summary>
    public static bool StayIn(string folder, string file) =>
        new FileInfo(file).LinkTarget is null
        || Follow(file, 0).StartsWith(Follow(folder, 0) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // Any part of a path may be a link.
    private static string Follow(string path, int depth)
    {
        if (depth == MaxDepth)
            throw new InvalidModelException("A link in the models folder leads in a circle.");
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        string here = Path.Combine(Follow(parent, depth), Path.GetFileName(full));
        return new FileInfo(here).LinkTarget is { } target
            ? Follow(Path.Combine(Path.GetDirectoryName(here)!, target), depth + 1)
            : here;
    }
}
