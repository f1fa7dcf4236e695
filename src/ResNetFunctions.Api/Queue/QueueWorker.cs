using Azure;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Api.Queue;

/// <summary>Takes messages from a queue and works on them, as the Functions host does: a message is removed once its work
/// is done, comes back where that fails or the process ends, and is poison after five deliveries.</summary>
/// <param name="queue">The queue.</param>
/// <param name="process">Works on a message: its text, and how often it has been delivered.</param>
/// <param name="logger">Hears of what fails.</param>
internal sealed partial class QueueWorker(
    MessageQueue queue, Func<string, long, CancellationToken, Task> process, ILogger logger)
{
    private static readonly TimeSpan MinPollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxPollInterval = TimeSpan.FromSeconds(5);

    private bool _isFailing;

    /// <summary>How many messages are worked on at once.</summary>
    public int AtOnce { get; init; } = 1;

    /// <summary>How soon the message of a process that was killed comes back. While the work goes on it is held for longer.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How soon a message whose work failed comes back.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Works until it is stopped, and then until what is in hand is done or put back.</summary>
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

    // Null: there is none, storage can't be asked now, or it is to stop.
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

    // Where storage fails, the message comes back by itself, at worst while it is still worked on, which does no harm.
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

    [LoggerMessage(1, LogLevel.Warning, "The queue {Queue} can't be read now, which is tried again: {Reason}")]
    private partial void LogStorageError(string queue, string reason);

    [LoggerMessage(2, LogLevel.Error, "A message of {Queue} could not be worked on; it comes again.")]
    private partial void LogFailed(Exception e, string queue);
}
