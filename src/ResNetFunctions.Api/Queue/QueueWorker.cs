using Azure;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>Processes the messages of a queue as the Functions host does. A message is deleted once it is processed, comes
/// back if that fails or the process ends, and is poison after five deliveries.</summary>
/// <param name="queue">The queue.</param>
/// <param name="process">Processes a message: its text, and how often it has been delivered.</param>
/// <param name="logger">For failures.</param>
internal sealed partial class QueueWorker(
    MessageQueue queue, Func<string, long, CancellationToken, Task> process, ILogger logger)
{
    private static readonly TimeSpan MinPollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxPollInterval = TimeSpan.FromSeconds(5);

    private bool _isFailing;

    public int AtOnce { get; init; } = 1;

    /// <summary>After this time the message of a process that was killed comes back. It is extended while the work goes
    /// on.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Works until it is stopped, then finishes or returns the messages in progress.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var free = new SemaphoreSlim(AtOnce);
        TimeSpan wait = MinPollInterval;
        while (!stop.IsCancellationRequested)
        {
            await free.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            if (await NextAsync(stop).ConfigureAwait(false) is { } message)
            {
                wait = MinPollInterval;
                _ = WorkAsync(message, free, stop);
                continue;
            }
            free.Release();
            await Task.Delay(wait, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < MaxPollInterval ? wait * 2 : MaxPollInterval;
        }
        for (int i = 0; i < AtOnce; i++)
            await free.WaitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    // Null if there is none, storage fails, or the worker is stopping.
    private async Task<QueueMessage?> NextAsync(CancellationToken stop)
    {
        try
        {
            IReadOnlyList<QueueMessage> messages = stop.IsCancellationRequested ? [] : await queue.ReceiveAsync(1, Hold, stop).ConfigureAwait(false);
            _isFailing = false;
            return messages is [QueueMessage message] ? message : null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            if (!_isFailing)
                LogStorageError(queue.Name, StorageError.OneLine(e));
            _isFailing = true;
            return null;
        }
    }

    private async Task WorkAsync(QueueMessage message, SemaphoreSlim free, CancellationToken stop)
    {
        await Task.Yield();
        string? receipt = message.PopReceipt;
        try
        {
            if (message.DequeueCount > MessageQueue.MaxDeliveries)
            {
                await queue.PoisonAsync(message.Body.ToString(), $"was delivered {MessageQueue.MaxDeliveries} times", CancellationToken.None).ConfigureAwait(false);
            }
            else
            {
                Task work = process(message.Body.ToString(), message.DequeueCount, stop);
                while (receipt is not null && await Task.WhenAny(work, Task.Delay(Hold / 3, CancellationToken.None)).ConfigureAwait(false) != work)
                    receipt = await HoldAsync(message, receipt, Hold).ConfigureAwait(false);
                await work.ConfigureAwait(false);
            }
            if (receipt is not null)
                await queue.DeleteAsync(message, receipt, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            LogFailed(e, queue.Name);
            if (receipt is not null)
                await HoldAsync(message, receipt, RetryAfter).ConfigureAwait(false);
        }
        finally
        {
            free.Release();
        }
    }

    // If storage fails, the message comes back by itself. That does no harm, even while it is still processed.
    private async Task<string?> HoldAsync(QueueMessage message, string receipt, TimeSpan time)
    {
        try
        {
            return await queue.HoldAsync(message, receipt, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            LogStorageError(queue.Name, StorageError.OneLine(e));
            return receipt;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Can't read the queue {Queue} now; retrying: {Reason}")]
    private partial void LogStorageError(string queue, string reason);

    [LoggerMessage(2, LogLevel.Error, "Failed to process a message of the queue {Queue}; it will be delivered again.")]
    private partial void LogFailed(Exception e, string queue);
}
