using ResNetFunctions.Inference.Models;
using Spectre.Console;

namespace ResNetFunctions.Cli;

/// <summary>Pulls a model, with a progress bar on standard error.</summary>
internal static class Download
{
    /// <returns>The path of the ONNX graph.</returns>
    public static async Task<string> PullAsync(ModelStore store, Manifest manifest, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var puller = new ModelPuller(store, http);

        return await Terminal.Error.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn())
            .AutoClear(true)
            .StartAsync(async bar =>
            {
                ProgressTask task = bar.AddTask(Markup.Escape(manifest.Weights.File), maxValue: manifest.Weights.Bytes ?? 0);
                var progress = new Progress<(long Bytes, long Total)>(p => task.Value = p.Bytes);
                return await puller.PullAsync(manifest, progress, cancellationToken);
            });
    }
}
