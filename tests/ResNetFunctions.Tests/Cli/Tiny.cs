using ResNetFunctions.Api;
using ResNetFunctions.Fuzz;
using ResNetFunctions.Fuzz.Images;

namespace ResNetFunctions.Tests.Cli;

/// <summary>A server with a model that takes no time, and a small picture.</summary>
internal static class Tiny
{
    private static readonly string Folder = Make();

    /// <summary>A PNG of 37 x 29 pixels.</summary>
    public static byte[] Picture { get; } = Corpus.All.First(picture => picture.Name == "png-RGB").Bytes;

    public static Task<Server> StartAsync(Action<ResNetOptions>? configure = null) => Server.StartAsync(options =>
    {
        options.ModelsPath = Folder;
        options.DefaultModel = TinyModel.Name;
        options.CachePath = "";
        configure?.Invoke(options);
    });

    private static string Make()
    {
        string folder = Directory.CreateTempSubdirectory("resnet-test-").FullName;
        TinyModel.Write(folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
