namespace ResNetFunctions.Inference.Models;

/// <summary>The folder for what can be made again: converted and optimised models.</summary>
internal static class CacheFolder
{
    /// <summary>Opens the folder, for its owner only; null if nothing is to be cached or it can't be made.</summary>
    /// <param name="setting">The path; empty for none; null for the user's cache folder.</param>
    public static string? Open(string? setting)
    {
        string path = setting ?? Default();
        if (path.Length == 0)
            return null;
        try
        {
            Directory.CreateDirectory(path);
            // Only the owner may set a folder's mode, so this also proves that nobody else made it.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Default()
    {
        string home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.IsPathRooted(home) ? Path.Combine(home, "resnetfunctions") : "";
    }
}
