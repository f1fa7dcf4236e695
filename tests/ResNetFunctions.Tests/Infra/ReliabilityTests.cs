using System.Text.RegularExpressions;

namespace ResNetFunctions.Tests.Infra;

public sealed partial class ReliabilityTests
{
    [Fact]
    public void Tests_NamedInTheDocument_Exist()
    {
        string[] sources = [.. Directory
            .EnumerateFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)];
        string[] named = [.. Name().Matches(File.ReadAllText(Repository.PathOf("docs", "reliability.md"))).Select(match => match.Value)];

        Assert.True(named.Length > 20);
        Assert.DoesNotContain(named, name => name.Split('.') is [var type, var method] && !Array.Exists(sources, source =>
            source.Contains($"class {type}", StringComparison.Ordinal) && source.Contains($" {method}(", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"(?<=`)[A-Z]\w+Tests\.\w+(?=`)")]
    private static partial Regex Name();
}
