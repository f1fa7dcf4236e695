using System.Runtime.CompilerServices;

namespace ResNetFunctions.Tests;

/// <summary>Tests and their programs cache in a folder that is deleted at the end, never in the user's.</summary>
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
