using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ResNetFunctions.Cli;

/// <summary>The command line: all commands, and help that ends with an example.</summary>
internal static class Commands
{
    private const string WhatPeopleDo = """
        Classifies pictures, offline and without Python. What people do with it:

          resnet serve                 answer HTTP requests, and show a web page
          resnet classify samples      classify the pictures in files and folders
          resnet train bees photos     make a model of your own classes, from a folder of photos for each

        `resnet models add` takes a network that you have already. `resnet --help` lists all commands.
        """;

    public static RootCommand Create()
    {
        var root = new RootCommand("Classifies pictures, offline and without Python.")
        {
            ServeCommand.Create(),
            ClassifyCommand.Create(),
            TrainCommand.Create(),
            EvalCommand.Create(),
            BlobsCommand.Create(),
            BenchCommand.Create(),
            ModelsCommand.Create(),
        };
        root.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(WhatPeopleDo);
            return 1;
        });
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((SynchronousCommandLineAction)help.Action!);
        return root;
    }

    private sealed class HelpWithExample(SynchronousCommandLineAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int exitCode = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is ExampleCommand { Example: var example })
                parseResult.InvocationConfiguration.Output.WriteLine($"Example:{Environment.NewLine}  {example}{Environment.NewLine}");
            return exitCode;
        }
    }
}

/// <summary>A command with an example for its help.</summary>
internal sealed class ExampleCommand(string name, string description, string example) : Command(name, description)
{
    public string Example { get; } = example;
}
