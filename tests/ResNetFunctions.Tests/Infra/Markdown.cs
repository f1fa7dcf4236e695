using System.Text.RegularExpressions;

namespace ResNetFunctions.Tests.Infra;

/// <summary>Reads a Markdown document.</summary>
internal sealed partial class Markdown(string path)
{
    private readonly string _text = File.ReadAllText(path).ReplaceLineEndings("\n");

    public string[] Lines => _text.TrimEnd('\n').Split('\n');

    public string[] CodeBlocks => [.. CodeBlock().Matches(_text).Select(match => match.Value)];

    /// <summary>Everything but code blocks.</summary>
    private string Prose => CodeBlock().Replace(_text, "");

    /// <summary>Targets of links, pictures included.</summary>
    public string[] Links => [.. Link().Matches(Prose).Select(match => match.Groups["to"].Value)];

    /// <summary>Those that name a file of the repository or a place in one.</summary>
    public string[] RelativeLinks => [.. Links.Where(link => !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith("mailto:", StringComparison.Ordinal))];

    /// <summary>Its sections, each from its heading on.</summary>
    public Section[] Sections =>
        [.. HeadingStart().Split(Prose).Where(part => part.Length > 0).Select(part => new Section(part))];

    /// <summary>The names that a link after '#' can have, as GitHub makes them of headings.</summary>
    public string[] Anchors =>
        [.. Sections.Select(section => NotInAnchor().Replace(section.Heading.ToLowerInvariant(), "").Replace(' ', '-'))];

    /// <summary>Paths of the repository between backticks. Such as have a placeholder in capitals are left out.</summary>
    public string[] Paths =>
        [.. Path().Matches(Prose).Select(match => match.Groups["path"].Value).Where(path => !path.Contains("NAME", StringComparison.Ordinal))];

    /// <summary>Its sentences: of paragraphs, items and table cells, links as their text, code as one word.</summary>
    public string[] Sentences =>
    [
        .. Blank().Split(ItemOrRow().Replace(Prose, "\n\n"))
            .SelectMany(part => part.TrimStart().StartsWith('|') ? part.Split('|') : [part])
            .Select(part => Tag().Replace(CodeSpan().Replace(LinkText().Replace(part, "${text}"), "code"), ""))
            .SelectMany(part => SentenceEnd().Split(part))
            .Select(sentence => sentence.Trim())
            .Where(sentence => sentence.Length > 0),
    ];

    public static int WordsIn(string sentence) =>
        sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Count(word => word.Any(char.IsLetterOrDigit));

    [GeneratedRegex("^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("""\]\((?<to>[^)\s]+)\)|(?:src|srcset)="(?<to>[^"]+)"|<(?<to>https?://[^>]+)>""")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex("`(?<path>(?:docs|infra|models|samples|src|tests|tools)(?:/[^`/*… ]+)*)`")]
    private static partial Regex Path();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^(?=#{1,6} )", RegexOptions.Multiline)]
    private static partial Regex HeadingStart();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"\n\s*\n")]
    private static partial Regex Blank();

    [GeneratedRegex(@"\n(?=(?:- |\d+\. |\|))|(?<=^#.*)\n", RegexOptions.Multiline)]
    private static partial Regex ItemOrRow();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<=[.!?][""')*]*)\s+")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\d+(?:\.\d+)?")]
    private static partial Regex Number();

    /// <summary>A section: a heading and its text.</summary>
    internal sealed class Section(string text)
    {
        public int Level => text.TakeWhile(letter => letter == '#').Count();

        public string Heading => text.Split('\n')[0].TrimStart('#').Trim();

        public string[] Links => [.. Link().Matches(text).Select(match => match.Groups["to"].Value).Order(StringComparer.Ordinal)];

        public string[] Code => [.. CodeSpan().Matches(text).Select(match => match.Groups["code"].Value).Order(StringComparer.Ordinal)];

        public string[] Numbers => [.. Number().Matches(CodeSpan().Replace(text, "")).Select(match => match.Value).Order(StringComparer.Ordinal)];
    }
}
