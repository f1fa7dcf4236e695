namespace ResNetFunctions.Inference.Models;

/// <summary>Makes names from untrusted files safe to print.</summary>
internal static class NameInFile
{
    private const int MaxLength = 200;

    public static string Shown(string name) =>
        new([.. name.Take(MaxLength).Select(static c => IsPlain(c) ? c : '?')]);

    /// <summary>Removes characters that could overwrite a terminal or begin a new log line.</summary>
    public static string Sentence(string text) =>
        new([.. text.Take(MaxLength).Select(static c => (char.IsControl(c) && c != '\t') || char.IsSurrogate(c) ? '?' : c)]);

    public static bool IsTensorName(string name) => name.Length is > 0 and <= MaxLength && name.All(IsPlain);

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':';
}
