using System.Text;
using System.Text.RegularExpressions;
using ResNetFunctions.Api.Page;

namespace ResNetFunctions.Tests.Api.Page;

public sealed partial class PageFilesTests
{
    private static readonly string Index = Encoding.UTF8.GetString(PageFiles.Index.Bytes);

    private static readonly Dictionary<string, string> Texts = PageFiles.Assets
        .Where(file => !file.Key.EndsWith(".webp", StringComparison.Ordinal))
        .ToDictionary(file => file.Key, file => Encoding.UTF8.GetString(file.Value.Bytes));

    [Fact]
    public void Files_Together_StayUnder100Kilobytes()
    {
        int total = PageFiles.Index.Bytes.Length + PageFiles.Assets.Values.Sum(file => file.Bytes.Length);

        Assert.InRange(total, 1, 100_000);
    }

    [Fact]
    public void Index_Links_AllExistAndCarryTheVersion()
    {
        string[] links = [.. Link().Matches(Index).Select(match => match.Groups[1].Value)];

        Assert.Contains($"ui/{PageFiles.Version}/app.js", links);
        Assert.All(links.Except(["openapi.json", "#results"]), link =>
            Assert.Contains(link.Replace($"ui/{PageFiles.Version}/", "", StringComparison.Ordinal), PageFiles.Assets.Keys));
    }

    [Fact]
    public void Modules_Imports_AllExistAndArePreloaded()
    {
        string[] imported = [.. Texts.Values.SelectMany(text => Import().Matches(text)).Select(match => match.Groups[1].Value).Distinct()];

        Assert.All(imported, name => Assert.Contains(name, PageFiles.Assets.Keys));
        Assert.All(imported, name => Assert.Contains($"modulepreload\" href=\"ui/{PageFiles.Version}/{name}\"", Index, StringComparison.Ordinal));
    }

    [Fact]
    public void Files_NeverNameAnotherHostNorMakeHtmlOfText()
    {
        foreach (string text in Texts.Values.Append(Index))
        {
            Assert.DoesNotMatch(@"https?://(?!www\.w3\.org/2000/svg)", text);
            Assert.DoesNotMatch("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(", text);
        }
        Assert.DoesNotMatch("""\s(on\w+|style)=""", Index);
    }

    [Fact]
    public void Chinese_HasEveryTextAndNoOther()
    {
        string[] chinese = [.. Entry().Matches(Texts["zh.js"]).Select(match => match.Groups[1].Value)];
        IEnumerable<string> spoken = Texts.Where(file => file.Key != "zh.js").SelectMany(file =>
            Spoken().Matches(file.Value).Select(match => match.Groups[1].Value));
        // Problem titles, camera notes and stages reach t() through a table.
        IEnumerable<string> tabled = Table().Matches(Texts["card.js"] + Texts["camera.js"] + Texts["predictions.js"])
            .Select(match => match.Groups[1].Value);
        IEnumerable<string> marked = Marked().Matches(Index).Select(match => match.Groups[1].Value)
            .Concat(Labelled().Matches(Index).Select(match => match.Groups[1].Value));

        string[] used = [.. spoken.Concat(tabled).Concat(marked).Distinct()];
        Assert.Empty(used.Except(chinese));
        Assert.Empty(chinese.Except(used));
    }

    [GeneratedRegex("""(?:href|src)="([^"]+)""" + "\"")]
    private static partial Regex Link();

    [GeneratedRegex(@"from '\./([^']+)'")]
    private static partial Regex Import();

    [GeneratedRegex(@"^  '([^']+)':", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"(?:\bt\(|\?\? (?='[A-Z])|[bB]utton\()'([^'\n]+)'")]
    private static partial Regex Spoken();

    [GeneratedRegex(@"(?:'[a-z-]+'|\w+Error|\w+Ms): '(?!true)([^']+)'")]
    private static partial Regex Table();

    [GeneratedRegex("data-t>([^<]+)<")]
    private static partial Regex Marked();

    [GeneratedRegex("data-t-label=\"([^\"]+)\"")]
    private static partial Regex Labelled();
}
