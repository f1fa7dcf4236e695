using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools;
using Spectre.Console;

namespace ResNetFunctions.Cli;

/// <summary>Pulls a model with a progress bar on standard error.</summary>
internal static class Download
{
    /// <returns>The path of the ONNX graph, and whether anything was downloaded.</returns>
    public static async Task<(string Onnx, bool Downloaded)> PullAsync(
        ModelStore store, Manifest manifest, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var puller = new ModelPuller(store, http) { ResponseTimeout = timeout };

        return await Terminal.Error.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn())
            .AutoClear(true)
            .StartAsync(bar => puller.PullAsync(manifest, new Bar(bar, manifest.Weights), cancellationToken));
    }

    /// <summary>For a download that the user asked for.</summary>
    public static TimeSpan ResponseTimeout { get; } = TimeSpan.FromSeconds(30);

    // Shown with the first bytes: without a download there is no bar.
    private sealed class Bar(ProgressContext bars, WeightsSource weights) : IProgress<(long Bytes, long Total)>
    {
        private ProgressTask? _task;

        public void Report((long Bytes, long Total) value)
        {
            _task ??= bars.AddTask(Markup.Escape(weights.File), maxValue: weights.Bytes ?? 0);
            _task.Value = value.Bytes;
        }
    }
}
