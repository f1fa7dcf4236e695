using Spectre.Console;

namespace ResNetFunctions.Cli;

internal static class Terminal
{
    public static IAnsiConsole Out { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });

    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Shows a progress bar if standard error is a terminal.</summary>
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

    /// <summary>Shows a progress bar for each of two phases, if standard error is a terminal.</summary>
    /// <param name="first">The name of phase 0.</param>
    /// <param name="second">The name of phase 1.</param>
    /// <param name="work">Reports the phase, how much is done, and the total.</param>
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
