namespace ResNetFunctions.Tests;

/// <summary>The folder of photos and references beside the project, where it is there.</summary>
internal static class SharedFolder
{
    private static readonly string? Root = Find();

    /// <summary>A path in the folder; skips the test where there is no such folder.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts)
    {
        Assert.SkipWhen(Root is null, "Skipped: ../shared is not here.");
        return Path.Combine([Root!, .. parts]);
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "photos")))
                return Path.Combine(folder.FullName, "shared");
        }
        return null;
    }
}
