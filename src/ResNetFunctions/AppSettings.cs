using Microsoft.Extensions.Configuration;
using ResNetFunctions.Api;

namespace ResNetFunctions;

/// <summary>The app's settings, and those of its defaults that differ from <c>resnet</c>'s.</summary>
internal static class AppSettings
{
    public static ResNetOptions Read(IConfiguration configuration)
    {
        var defaults = new ResNetOptions
        {
            CachePath = "", // Instances come and go, and the host restarts a worker that writes below its root.
        };
        defaults.DefaultModel = OnlyModel() ?? defaults.DefaultModel;
        return ResNetOptions.Read(configuration, defaults);
    }

    // A package holds one model.
    private static string? OnlyModel()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "models");
        string[] manifests = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json") : [];
        return manifests is [var only] ? Path.GetFileNameWithoutExtension(only) : null;
    }
}
