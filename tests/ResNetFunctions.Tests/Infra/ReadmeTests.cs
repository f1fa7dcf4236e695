using System.Collections;
using System.Reflection;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Tests.Infra;

/// <summary>The documents: short, the same in both languages, and true.</summary>
public sealed class ReadmeTests
{
    private const int MaxLines = 130, MaxWords = 30;

    private static readonly Markdown English = new(Repository.PathOf("README.md")), Chinese = new(Repository.PathOf("README.zh-CN.md"));

    public static TheoryData<string> Documents =>
    [
        "README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "models/README.md",
        .. Directory.GetFiles(Repository.PathOf("docs"), "*.md").Select(path => $"docs/{Path.GetFileName(path)}"),
    ];

    [Fact]
    public void Readme_Length_IsAPageOfShortSentences()
    {
        Assert.InRange(English.Lines.Length, 1, MaxLines);

        string[] sentences = English.Sentences;
        Assert.True(sentences.Length > 50);
        Assert.All(sentences, sentence => Assert.True(
            Markdown.WordsIn(sentence) <= MaxWords, $"{Markdown.WordsIn(sentence)} words: {sentence}"));
    }

    [Fact]
    public void Readmes_OfBothLanguages_SayTheSame()
    {
        Assert.Equal(English.CodeBlocks, Chinese.CodeBlocks);
        Assert.Equal(English.Sections.Select(section => section.Level), Chinese.Sections.Select(section => section.Level));
        foreach ((Markdown.Section english, Markdown.Section chinese) in English.Sections.Zip(Chinese.Sections))
        {
            string[] others = [.. chinese.Links.Select(link => link == "README.md" ? "README.zh-CN.md" : link)];
            Assert.True(english.Links.SequenceEqual(others), $"{english.Heading}: {Difference(english.Links, others)}");
            Assert.True(english.Code.SequenceEqual(chinese.Code), $"{english.Heading}: {Difference(english.Code, chinese.Code)}");
            Assert.True(english.Numbers.SequenceEqual(chinese.Numbers), $"{english.Heading}: {Difference(english.Numbers, chinese.Numbers)}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_WithinTheRepository_LeadSomewhere(string document)
    {
        string path = Repository.PathOf(document.Split('/'));
        Assert.All(new Markdown(path).RelativeLinks, link =>
        {
            string[] parts = link.Split('#');
            string target = parts[0].Length == 0 ? path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, parts[0]));
            Assert.True(File.Exists(target) || Directory.Exists(target), $"{document} links to {link}, which is not there.");
            if (parts is [_, var anchor] && target.EndsWith(".md", StringComparison.Ordinal))
                Assert.True(new Markdown(target).Anchors.Contains(anchor), $"{document} links to {link}, and there is no such heading.");
        });
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    public void Paths_BetweenBackticks_AreThere(string document)
    {
        string[] paths = new Markdown(Repository.PathOf(document)).Paths;
        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(
            Path.Exists(Repository.PathOf(path.Split('/'))), $"{document} names {path}, which is not there."));
    }

    [Theory]
    [InlineData(typeof(ResNetOptions))]
    [InlineData(typeof(BlobsOptions))]
    public void Settings_EachOfThem_IsInItsTable(Type options)
    {
        string document = File.ReadAllText(Repository.PathOf("docs", "settings.md"));
        Assert.All(
            options.GetProperties().Where(property => property.SetMethod?.IsPublic == true || IsList(property)),
            property => Assert.Contains($"\n| `{property.Name}` |", document, StringComparison.Ordinal));

        static bool IsList(PropertyInfo property) => property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable));
    }

    [Fact]
    public void ErrorCodes_EachOfThem_IsInTheTable()
    {
        string document = File.ReadAllText(Repository.PathOf("docs", "api.md"));
        Assert.All(
            typeof(ErrorCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!),
            code => Assert.Contains($"`{code}`", document, StringComparison.Ordinal));
    }

    private static string Difference(string[] one, string[] other) =>
        $"only in English: {string.Join(", ", one.Except(other))}; only in Chinese: {string.Join(", ", other.Except(one))}; {one.Length} against {other.Length}";
}
