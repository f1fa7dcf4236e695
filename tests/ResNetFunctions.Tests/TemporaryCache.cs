using System.Runtime.CompilerServices;

namespace ResNetFunctions.Tests;

/// <summary>Whatever a test or a program that it starts caches, it caches in a folder that is gone when the tests end,
/// and never in the user's own.</summary>
internal static class TemporaryCache
{
    [ModuleInitializer]
    internal static void Use()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("resnet-cache-");
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder.FullName);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
    }
}
