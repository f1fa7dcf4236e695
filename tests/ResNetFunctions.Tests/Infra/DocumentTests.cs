using System.Text.RegularExpressions;

namespace ResNetFunctions.Tests.Infra;

public sealed partial class DocumentTests
{
    [Fact]
    public async Task SecurityTable_PointsAtTheLinesAndTestsThatItNames()
    {
        string document = await File.ReadAllTextAsync(Repository.PathOf("docs", "deploy.md"), TestContext.Current.CancellationToken);
        Match[] rows = [.. Row().Matches(document).Cast<Match>()];
        Assert.Equal(document.Split("## Security\n\n")[1].Split("\n\n")[0].Split('\n').Length - 2, rows.Length);
        foreach (Match row in rows)
        {
            var (code, file, line) = (row.Groups["code"].Value, row.Groups["file"].Value, int.Parse(row.Groups["line"].Value));
            string[] lines = await File.ReadAllLinesAsync(Repository.PathOf("docs", file), TestContext.Current.CancellationToken);
            int actual = Array.FindIndex(lines, text => text.Contains(code, StringComparison.Ordinal)) + 1;
            Assert.True(line <= lines.Length && lines[line - 1].Contains(code, StringComparison.Ordinal), $"{file}: `{code}` is in line {actual}, not {line}.");

            var test = GetType().Assembly.GetType($"{GetType().Namespace}.{row.Groups["class"].Value}")?.GetMethod(row.Groups["test"].Value);
            Assert.True(test is not null && test.IsDefined(typeof(FactAttribute), inherit: true), $"There is no test {row.Groups["class"].Value}.{row.Groups["test"].Value}.");
        }
    }

    [Fact]
    public async Task ScaleAndCost_Tables_AreWhatItsToolWorksOut()
    {
        string document = await File.ReadAllTextAsync(Repository.PathOf("docs", "scale-and-cost.md"), TestContext.Current.CancellationToken);
        var (exitCode, output, error) = await Command.RunAsync(new("dotnet", ["run", Repository.PathOf("tools", "scale-and-cost.cs")]));
        Assert.True(exitCode == 0, error);
        Assert.Equal($"{output}<!-- tools/scale-and-cost.cs end -->", document[document.IndexOf("Measured, and all", StringComparison.Ordinal)..].Split("\n\n## ")[0].TrimEnd());
    }

    [GeneratedRegex(@"^\| [^|]+ \| \[`(?<code>[^`]+)`\]\((?<file>[^)#]+)#L(?<line>\d+)\) \| `(?<class>\w+)\.(?<test>\w+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
