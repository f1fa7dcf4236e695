using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using ResNetFunctions.Cli;
using ResNetFunctions.Tests.Cli;

namespace ResNetFunctions.Tests.Infra;

/// <summary>The examples of the documents, run as a reader would.</summary>
public sealed class ExampleTests
{
    [Fact]
    public async Task Readme_FirstRequest_IsAnsweredAsItSays()
    {
        string[] blocks = new Markdown(Repository.PathOf("README.md")).CodeBlocks;
        int request = Array.FindIndex(blocks, block => Code(block).StartsWith("curl --data-binary", StringComparison.Ordinal));

        using JsonDocument answer = JsonDocument.Parse(await RunAsync("sh", "-c", Code(blocks[request])));
        using JsonDocument said = JsonDocument.Parse(Code(blocks[request + 1]));

        AssertAlike(said.RootElement, answer.RootElement, "answer");
    }

    [Theory]
    [InlineData("README.md", "python", "python3", "-c")]
    [InlineData("docs/api.md", "js", "node", "--input-type=module", "-e")]
    public async Task Program_OfADocument_PrintsTheLabel(string document, string language, string program, params string[] arguments)
    {
        string code = Code(new Markdown(Repository.PathOf(document.Split('/'))).CodeBlocks.Single(block => block.StartsWith($"```{language}\n", StringComparison.Ordinal)));

        Assert.Equal("alp", (await RunAsync(program, [.. arguments, code])).Trim());
    }

    [Fact]
    public void Commands_EachOfThem_HasALineAndAnExample()
    {
        string document = File.ReadAllText(Repository.PathOf("docs", "cli.md"));
        string[] names = [.. Commands.Create().Subcommands.SelectMany(command =>
            command.Subcommands.Count == 0 ? [command.Name] : command.Subcommands.Select(part => $"{command.Name} {part.Name}"))];

        Assert.All(names, name => Assert.Matches($@"\n\| `{name}[ `][^\n]* \| `resnet {name}[ `]", document));
    }

    // All but the times; and confidences, which differ in their last digits from processor to processor.
    private static void AssertAlike(JsonElement said, JsonElement real, string at)
    {
        Assert.True(said.ValueKind == real.ValueKind, $"{at}: {real.GetRawText()}");
        if (said.ValueKind == JsonValueKind.Object)
        {
            Assert.Equal(said.EnumerateObject().Select(member => member.Name), real.EnumerateObject().Select(member => member.Name));
            foreach (JsonProperty member in said.EnumerateObject().Where(member => member.Name != "timings"))
                AssertAlike(member.Value, real.GetProperty(member.Name), $"{at}.{member.Name}");
        }
        else if (said.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(said.GetArrayLength(), real.GetArrayLength());
            for (int i = 0; i < said.GetArrayLength(); i++)
                AssertAlike(said[i], real[i], $"{at}[{i}]");
        }
        else if (said.ValueKind == JsonValueKind.Number)
        {
            Assert.Equal(said.GetDouble(), real.GetDouble(), 0.001);
        }
        else
        {
            Assert.Equal(said.GetRawText(), real.GetRawText());
        }
    }

    private static string Code(string block) => block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..block.LastIndexOf('\n')];

    // The documents' server listens on port 7080, this one on a free one.
    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        await using Server server = await Server.StartAsync();
        string address = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        var start = new ProcessStartInfo(program, arguments.Select(argument => argument.Replace("http://127.0.0.1:7080", address, StringComparison.Ordinal)))
        {
            WorkingDirectory = Repository.Root,
        };
        try
        {
            (int exitCode, string output, string error) = await Command.RunAsync(start);
            Assert.SkipWhen(exitCode == 127, $"Skipped: {error}");
            Assert.True(exitCode == 0, error);
            return output;
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"Skipped: {program} is not here: {e.Message}");
            throw;
        }
    }
}
