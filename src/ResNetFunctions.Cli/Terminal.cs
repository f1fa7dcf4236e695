using Spectre.Console;

namespace ResNetFunctions.Cli;

/// <summary>The two streams of a terminal: answers go to one, progress and warnings to the other.</summary>
internal static class Terminal
{
    public static IAnsiConsole Out { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });

    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Runs work with a progress bar on standard error, where that is a terminal.</summary>
    public static async Task ProgressAsync(string what, int total, Func<Action, Task> work)
    {
        if (total < 2 || Console.IsErrorRedirected)
        {
            await work(() => { });
            return;
        }
        await Error.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .AutoClear(true)
            .StartAsync(bar =>
            {
                ProgressTask task = bar.AddTask(what, maxValue: total);
                return work(() => task.Increment(1));
            });
    }
}
