namespace ResNetFunctions.Tests;

/// <summary>The folder of photos and references beside the project, if there is one.</summary>
internal static class SharedFolder
{
    private static readonly string? Root = Find();

    /// <summary>A path in the folder; skips the test if the folder is missing.</summary>
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
