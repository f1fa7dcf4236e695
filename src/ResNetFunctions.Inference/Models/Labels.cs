using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ResNetFunctions.Inference.Models;

/// <summary>A model's classes, by index.</summary>
internal sealed partial class Labels
{
    private readonly IReadOnlyList<(string? Category, string Label)> _classes;
    private readonly Lazy<Labels>? _chinese;

    /// <param name="classes">Category (null for none) and label, in the order of the model's output.</param>
    public Labels(IReadOnlyList<(string? Category, string Label)> classes) => _classes = classes;

    private Labels(Labels labels, string chinesePath)
        : this(labels._classes)
    {
        // Read when first asked for: most services never are.
        _chinese = new Lazy<Labels>(() => ReadOther(chinesePath), LazyThreadSafetyMode.PublicationOnly);
    }

    public int Count => _classes.Count;

    /// <summary>The category is the WordNet id for ImageNet, or null.</summary>
    public (string? Category, string Label) this[int index] => _classes[index];

    /// <summary>The same classes with Chinese labels, if there are any.</summary>
    /// <exception cref="InvalidModelException">The file has other classes.</exception>
    public Labels Chinese => _chinese?.Value ?? this;

    /// <summary>imagenet-1k.zh.tsv for imagenet-1k.tsv.</summary>
    public static string ChineseFile(string file) => Path.GetFileNameWithoutExtension(file) + ".zh" + Path.GetExtension(file);

    /// <summary>Reads tab-separated index, category and label; a label a line; lines like <c>0 Name</c>; or JSON: a list, an
    /// object by index, or an object with <c>id2label</c> or <c>labels</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="chinesePath">The file with the Chinese labels, if any.</param>
    /// <exception cref="InvalidModelException">The file is missing or has another form.</exception>
    public static Labels Read(string path, string? chinesePath = null)
    {
        string file = Path.GetFileName(path);
        if (!File.Exists(path))
            throw new InvalidModelException($"The labels file {file} is missing.");
        Labels labels = Parse(file, File.ReadAllText(path));
        return chinesePath is null ? labels : new Labels(labels, chinesePath);
    }

    /// <param name="file">The name, for messages.</param>
    /// <param name="text">The file's text.</param>
    /// <exception cref="InvalidModelException">It has another form.</exception>
    public static Labels Parse(string file, string text)
    {
        if (text.AsSpan().TrimStart() is ['{' or '[', ..])
            return ParseJson(file, text);
        string[] lines = [.. text.Split('\n').Select(static line => line.TrimEnd('\r')).Where(static line => line.Trim().Length > 0)];
        if (lines.Any(static line => line.Contains('\t')))
            return ParseTable(file, lines.Where(static line => line[0] != '#'));
        Match[] numbered = [.. lines.Select(static line => Numbered().Match(line))];
        bool areNumbered = numbered.Index().All(static m => m.Item.Success && m.Item.Groups[1].Value == m.Index.ToString(CultureInfo.InvariantCulture));
        return new Labels([.. lines.Index().Select(line => ((string?)null, areNumbered ? numbered[line.Index].Groups[2].Value : line.Item.Trim()))]);
    }

    public string ToTable() => string.Concat(_classes.Index().Select(static c => $"{c.Index}\t{c.Item.Category}\t{OneLine(c.Item.Label)}\n"));

    private static Labels ParseTable(string file, IEnumerable<string> lines)
    {
        List<(string?, string)> classes = [];
        foreach (string line in lines)
        {
            string[] cells = line.Split('\t');
            if (cells.Length != 3 || !int.TryParse(cells[0], CultureInfo.InvariantCulture, out int index)
                || index != classes.Count)
            {
                throw new InvalidModelException(
                    $"{file}: after class {classes.Count - 1} comes '{NameInFile.Sentence(line)}', "
                    + $"and not '{classes.Count}', a category and a label, separated by tabs.");
            }
            classes.Add((cells[1].Length > 0 ? cells[1] : null, cells[2]));
        }
        return new Labels(classes);
    }

    private Labels ReadOther(string path)
    {
        Labels other = Read(path);
        return other._classes.Select(entry => entry.Category).SequenceEqual(_classes.Select(entry => entry.Category))
            ? other
            : throw new InvalidModelException($"{Path.GetFileName(path)} has other classes than the labels that it names.");
    }

    private static Labels ParseJson(string file, string text)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return new Labels(Classes(json.RootElement) ?? throw new InvalidModelException(
                $"{file}: the JSON is neither a list of labels nor an object with a label for each index from 0."));
        }
        catch (JsonException e)
        {
            throw new InvalidModelException($"{file}: the JSON is not well-formed: {NameInFile.Sentence(e.Message)}", e);
        }
    }

    private static List<(string?, string)>? Classes(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
            return AllOrNone(json.EnumerateArray().Select(Class));
        foreach (string member in (string[])["id2label", "labels"])
        {
            if (json.TryGetProperty(member, out JsonElement inner))
                return inner.ValueKind is JsonValueKind.Array or JsonValueKind.Object ? Classes(inner) : null;
        }
        return AllOrNone(Enumerable.Range(0, json.EnumerateObject().Count()).Select(index =>
            json.TryGetProperty(index.ToString(CultureInfo.InvariantCulture), out JsonElement entry) ? Class(entry) : null));
    }

    // A name, or a WordNet id and a name.
    private static (string?, string)? Class(JsonElement entry) => entry.ValueKind switch
    {
        JsonValueKind.String => (null, entry.GetString()!),
        JsonValueKind.Array when entry.GetArrayLength() == 2 && entry.EnumerateArray().All(static e => e.ValueKind == JsonValueKind.String) =>
            (entry[0].GetString(), entry[1].GetString()!),
        _ => null,
    };

    private static List<(string?, string)>? AllOrNone(IEnumerable<(string?, string)?> classes)
    {
        List<(string?, string)> all = [];
        foreach ((string?, string)? one in classes)
        {
            if (one is null)
                return null;
            all.Add(one.Value);
        }
        return all;
    }

    private static string OneLine(string label) => Separators().Replace(label, " ").Trim();

    [GeneratedRegex(@"^\s*(\d+)[\s:,]+(\S.*?)\s*$")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"[\t\r\n]+")]
    private static partial Regex Separators();
}
