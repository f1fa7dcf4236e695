namespace ResNetFunctions.EndToEnd;

/// <summary>Files that other programs read, deleted when the tests end.</summary>
internal static class TemporaryFiles
{
    private static readonly DirectoryInfo Folder = Make();

    /// <summary>Writes a file of that name into a folder of its own.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(Folder.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static DirectoryInfo Make()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("resnet-files-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return folder;
    }
}
