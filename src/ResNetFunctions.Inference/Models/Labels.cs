using System.Globalization;

namespace ResNetFunctions.Inference.Models;

/// <summary>The classes of a model, by index.</summary>
internal sealed class Labels
{
    private readonly (string Category, string Label)[] _classes;
    private readonly Lazy<Labels> _chinese;

    private Labels((string, string)[] classes, string? chinesePath)
    {
        _classes = classes;
        // Read by the first who asks: most services never are.
        _chinese = new Lazy<Labels>(() => chinesePath is null ? this : ReadOther(chinesePath), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>The number of classes.</summary>
    public int Count => _classes.Length;

    /// <summary>The class's category (for ImageNet, its WordNet id) and its label.</summary>
    public (string Category, string Label) this[int index] => _classes[index];

    /// <summary>The same classes with Chinese names; these themselves where there are none.</summary>
    /// <exception cref="InvalidModelException">The file's lines are not those of the same classes.</exception>
    public Labels Chinese => _chinese.Value;

    /// <summary>The name of the file with the Chinese names of a labels file: imagenet-1k.zh.tsv for imagenet-1k.tsv.</summary>
    public static string ChineseFile(string file) => Path.GetFileNameWithoutExtension(file) + ".zh" + Path.GetExtension(file);

    /// <summary>Reads lines of index, category and label, tab-separated; empty lines and those that begin with #
    /// are passed over.</summary>
    /// <param name="path">The file.</param>
    /// <param name="chinesePath">The file with the same classes' Chinese names, if there is one.</param>
    /// <exception cref="InvalidModelException">The file is missing or a line is not of that form.</exception>
    public static Labels Read(string path, string? chinesePath = null)
    {
        string file = Path.GetFileName(path);
        if (!File.Exists(path))
            throw new InvalidModelException($"The labels file {file} is missing.");

        List<(string, string)> classes = [];
        foreach (string line in File.ReadLines(path))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            string[] cells = line.Split('\t');
            if (cells.Length != 3 || !int.TryParse(cells[0], CultureInfo.InvariantCulture, out int index)
                || index != classes.Count)
            {
                throw new InvalidModelException(
                    $"{file}: after class {classes.Count - 1} comes '{NameInFile.Sentence(line)}', "
                    + $"and not '{classes.Count}', a category and a label, separated by tabs.");
            }
            classes.Add((cells[1], cells[2]));
        }
        return new Labels([.. classes], chinesePath);
    }

    private Labels ReadOther(string path)
    {
        Labels other = Read(path);
        return other._classes.Select(entry => entry.Category).SequenceEqual(_classes.Select(entry => entry.Category))
            ? other
            : throw new InvalidModelException($"{Path.GetFileName(path)} has other classes than the labels that it names.");
    }
}
