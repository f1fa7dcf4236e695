using System.CommandLine;
using ResNetFunctions.Cli;

namespace ResNetFunctions.Tests.Cli;

/// <summary>The help of all commands.</summary>
public sealed class CommandsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-commands-");

    public static TheoryData<string> Names => [.. Below(Commands.Create(), "")];

    [Theory]
    [MemberData(nameof(Names))]
    public void Help_OfEachCommand_EndsWithAnExampleThatParses(string name)
    {
        using var output = new StringWriter();
        int exitCode = Commands.Create().Parse($"{name} --help").Invoke(new InvocationConfiguration { Output = output });

        Assert.Equal(0, exitCode);
        string[] lines = output.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Equal("Example:", lines[^2]);
        string example = lines[^1].Trim();
        Assert.StartsWith($"resnet {name}", example, StringComparison.Ordinal);
        Assert.Empty(Commands.Create().Parse([.. example.Split(' ').Skip(1).Select(Existing)]).Errors);
    }

    [Fact]
    public void Resnet_WithoutArguments_SaysWhatPeopleDo()
    {
        using var output = new StringWriter();
        int exitCode = Commands.Create().Parse([]).Invoke(new InvocationConfiguration { Output = output });

        Assert.Equal(1, exitCode);
        string[] lines = [.. output.ToString().Split('\n').Where(line => line.StartsWith("  resnet ", StringComparison.Ordinal))];
        Assert.Equal(["serve", "classify", "train"], lines.Select(line => line.Trim().Split(' ')[1]));
        Assert.All(lines, line => Assert.Empty(Commands.Create().Parse(
            [.. line.Trim().Split("  ")[0].Split(' ').Skip(1).Select(Existing)]).Errors));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static IEnumerable<string> Below(System.CommandLine.Command command, string path) => command.Subcommands.SelectMany(
        part => (string[])[path + part.Name, .. Below(part, $"{path}{part.Name} ")]);

    // The files and folders of the examples must exist.
    private string Existing(string argument)
    {
        string path = Path.Combine(_folder.FullName, argument);
        if (argument == "photos")
            Directory.CreateDirectory(path);
        else if (argument is "weights.pth" or "fruit.ckpt" or "fruit.txt")
            File.WriteAllText(path, "");
        else
            return argument;
        return path;
    }
}
