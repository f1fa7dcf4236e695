using System.Globalization;

namespace ResNetFunctions.Inference.Models;

/// <summary>The classes of a model, by index.</summary>
internal sealed class Labels
{
    private readonly (string Category, string Label)[] _classes;

    private Labels((string, string)[] classes) => _classes = classes;

    /// <summary>The number of classes.</summary>
    public int Count => _classes.Length;

    /// <summary>The class's category (for ImageNet, its WordNet id) and its label.</summary>
    public (string Category, string Label) this[int index] => _classes[index];

    /// <summary>Reads lines of index, category and label, tab-separated; empty lines and those that begin with #
    /// are passed over.</summary>
    /// <exception cref="InvalidModelException">The file is missing or a line is not of that form.</exception>
    public static Labels Read(string path)
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
        return new Labels([.. classes]);
    }
}
