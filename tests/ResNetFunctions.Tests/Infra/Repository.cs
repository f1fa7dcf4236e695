namespace ResNetFunctions.Tests.Infra;

internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ResNetFunctions.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("The tests do not run from inside the repository.");
    }
}
