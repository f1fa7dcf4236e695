using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Training;

/// <summary>The training photos: a folder for each class.</summary>
internal static class ClassFolders
{
    public const int MinClasses = 2, MinPhotos = 5;

    private static readonly string[] LeftByFileManagers = ["Thumbs.db", "desktop.ini"];

    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };

    /// <exception cref="InvalidModelException">Fewer than two folders, an empty one, or a name that no label can
    /// have.</exception>
    public static List<(string Class, string[] Files)> Read(string folder)
    {
        string[] folders = [.. Directory.EnumerateDirectories(folder, "*", new EnumerationOptions { AttributesToSkip = Everything.AttributesToSkip })
            .Order(StringComparer.Ordinal)];
        if (folders.Length < MinClasses)
        {
            throw new InvalidModelException(
                $"{Path.GetFileName(Path.GetFullPath(folder))} has {(folders.Length == 0 ? "no folder" : "one folder")} in it. "
                + "Each class is a folder with its photos, and there must be two at least.");
        }

        List<(string Class, string[] Files)> classes = [.. folders.Select(static of => (Path.GetFileName(of), FilesIn(of)))];
        foreach ((string name, string[] files) in classes)
        {
            if (name.Any(char.IsControl))
                throw new InvalidModelException($"A folder is named '{NameInFile.Sentence(name)}', which can't be a class's name.");
            if (files.Length == 0)
                throw new InvalidModelException($"The folder {name} is empty: put photos of that class into it, or take it away.");
        }
        return classes;
    }

    private static string[] FilesIn(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", Everything)
            .Where(static file => !LeftByFileManagers.Contains(Path.GetFileName(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)];
}
