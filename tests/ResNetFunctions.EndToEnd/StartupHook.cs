using System.Net;
using ResNetFunctions.Api.Http;

/// <summary>Lets a process that a test starts with DOTNET_STARTUP_HOOKS fetch images from this machine. The product has no
/// setting for it.</summary>
internal static class StartupHook
{
    public static void Initialize() => ImageFetch.MayConnectTo = IPAddress.IsLoopback;
}
