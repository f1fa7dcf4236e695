namespace ResNetFunctions.Inference.Models;

/// <summary>Names that come from a file, which may hold anything, on their way into a message or a graph.</summary>
internal static class NameInFile
{
    private const int MaxLength = 200;

    /// <summary>The name as a terminal or a log can show it.</summary>
    public static string Shown(string name) =>
        new([.. name.Take(MaxLength).Select(static c => IsPlain(c) ? c : '?')]);

    /// <summary>A sentence that quotes from a file, without what would write over a terminal or begin a line of a log.</summary>
    public static string Sentence(string text) =>
        new([.. text.Take(MaxLength).Select(static c => (char.IsControl(c) && c != '\t') || char.IsSurrogate(c) ? '?' : c)]);

    /// <summary>Whether the name is one that a tensor of a network can have.</summary>
    public static bool IsTensorName(string name) => name.Length is > 0 and <= MaxLength && name.All(IsPlain);

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':';
}
