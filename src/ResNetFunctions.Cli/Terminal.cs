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
        await Bars()
            .StartAsync(bar =>
            {
                ProgressTask task = bar.AddTask(what, maxValue: total);
                return work(() => task.Increment(1));
            });
    }

    /// <summary>Runs work of two phases with a progress bar for each on standard error, where that is a terminal.</summary>
    /// <param name="first">What the first phase, 0, is called.</param>
    /// <param name="second">What the second phase, 1, is called.</param>
    /// <param name="work">Is given what it calls with the phase, and how much of how much of it is done.</param>
    public static async Task TwoPhasesAsync(string first, string second, Func<Action<int, int, int>, Task> work)
    {
        if (Console.IsErrorRedirected)
        {
            await work(static (_, _, _) => { });
            return;
        }
        await Bars().StartAsync(bars =>
        {
            ProgressTask[] tasks = [bars.AddTask(first), bars.AddTask(second)];
            return work((phase, done, total) => (tasks[phase].MaxValue, tasks[phase].Value) = (total, Math.Max(done, tasks[phase].Value)));
        });
    }

    private static Progress Bars() => Error.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .AutoClear(true);
}
