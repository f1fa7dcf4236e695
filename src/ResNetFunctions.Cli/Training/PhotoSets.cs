using System.Buffers;
using System.Security.Cryptography;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Cli.Training;

/// <summary>The photos for training on the page: <c>training/SET/CLASS/PHOTO</c>. A photo is named after its hash, so it is
/// stored once.</summary>
/// <param name="root">The folder of the sets.</param>
internal sealed class PhotoSets(string root)
{
    private const int MaxClassName = 64, MaxClasses = 1000, MaxPhotos = 10_000;

    private const string NotInNames = "/\\:*?\"<>|";

    private static readonly SearchValues<char> NotInNamesValues = SearchValues.Create(NotInNames);

    public string[] Names => NamesIn(root, Directory.GetDirectories);

    public string FolderOf(string set) => Path.Combine(root, SetName(set));

    public (string Class, string[] Photos)[] Classes(string set) =>
        [.. NamesIn(FolderOf(set), Directory.GetDirectories).Select(name => (name, NamesIn(Path.Combine(FolderOf(set), name), Directory.GetFiles)))];

    public void AddClass(string set, string name)
    {
        string folder = FolderOf(set, name);
        if (!Directory.Exists(folder) && Classes(set).Length >= MaxClasses)
            throw Bad($"There are {MaxClasses:N0} classes already.");
        Directory.CreateDirectory(folder);
    }

    public void RemoveClass(string set, string name)
    {
        string folder = FolderOf(set, name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <returns>The photo's name.</returns>
    public string Add(string set, string @class, ReadOnlySpan<byte> image, string format)
    {
        string folder = FolderOf(set, @class);
        if (!Directory.Exists(folder))
            throw NotFound("There is no such class.");
        if (Directory.GetFiles(folder).Length >= MaxPhotos)
            throw Bad($"The class has {MaxPhotos:N0} photos already.");
        string name = $"{Convert.ToHexStringLower(SHA256.HashData(image).AsSpan(0, 12))}.{format}";
        string path = Path.Combine(folder, name);
        if (File.Exists(path))
            return name;
        string unfinished = Path.Combine(folder, $".{Guid.NewGuid():N}.part");
        try
        {
            using (FileStream file = File.Create(unfinished))
                file.Write(image);
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
        return name;
    }

    public string PathOf(string set, string @class, string photo)
    {
        string path = Path.Combine(FolderOf(set, @class), PhotoName(photo));
        return File.Exists(path) ? path : throw NotFound("There is no such photo.");
    }

    private string FolderOf(string set, string @class) => Path.Combine(FolderOf(set), ClassName(@class));

    private static string SetName(string name) => Manifest.IsName(name)
        ? name
        : throw Bad("A model's name has letters, digits, '.', '_' and '-', at most 64 of them.");

    // A folder name that is valid on every file system, in any script.
    private static string ClassName(string name) =>
        name.Length is > 0 and <= MaxClassName && name[0] != '.' && name[^1] is not ('.' or ' ') && name.Trim() == name
            && !name.Any(char.IsControl) && name.AsSpan().IndexOfAny(NotInNamesValues) < 0
            ? name
            : throw Bad($"A class's name has 1 to {MaxClassName} characters, none of {NotInNames}, and no dot at its start or end.");

    private static string PhotoName(string name) =>
        name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && name[0] != '.' ? name : throw NotFound("There is no such photo.");

    private static string[] NamesIn(string folder, Func<string, string[]> entries) => Directory.Exists(folder)
        ? [.. entries(folder).Select(path => Path.GetFileName(path)!).Where(static name => name[0] != '.').Order(StringComparer.Ordinal)]
        : [];

    private static RejectedException Bad(string detail) => new(ErrorCode.BadParameter, detail);

    private static RejectedException NotFound(string detail) => new(ErrorCode.UnknownModel, detail);
}
