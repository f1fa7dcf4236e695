using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace ResNetFunctions.Api.Queue;

/// <summary>A storage queue and its poison queue. Each is made when it is first written to.</summary>
internal sealed partial class MessageQueue(Func<QueueServiceClient> account, string name, ILogger logger)
{
    /// <summary>After so many deliveries a message is poison. host.json says the same.</summary>
    public const int MaxDeliveries = 5;

    // As the Functions host names it.
    private const string PoisonSuffix = "-poison";

    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    public string Name => name;

    private QueueClient Queue => account().GetQueueClient(name);

    public Task SendAsync(string text, TimeSpan delay, CancellationToken cancellationToken) =>
        SendAsync(Queue, text, delay, cancellationToken);

    /// <summary>Moves a message to the poison queue and logs it.</summary>
    public async Task PoisonAsync(string text, string reason, CancellationToken cancellationToken)
    {
        await SendAsync(account().GetQueueClient(name + PoisonSuffix), text, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        QueueMetrics.CountPoison(name);
        LogPoison(name, reason, name + PoisonSuffix, text.Length > 1000 ? text[..1000] : text);
    }

    /// <summary>The approximate number of messages, those in progress included.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        try
        {
            QueueProperties properties = await Queue.GetPropertiesAsync(cancellationToken).ConfigureAwait(false);
            return properties.ApproximateMessagesCount;
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            return 0;
        }
    }

    /// <summary>Receives messages and hides them from others.</summary>
    public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(int most, TimeSpan invisible, CancellationToken cancellationToken)
    {
        try
        {
            return (await Queue.ReceiveMessagesAsync(most, invisible, cancellationToken).ConfigureAwait(false)).Value;
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            return [];
        }
    }

    /// <summary>Hides a message for longer; zero returns it.</summary>
    /// <returns>The new receipt; null if the message belongs to another worker or is gone.</returns>
    public async Task<string?> HoldAsync(QueueMessage message, string receipt, TimeSpan invisible, CancellationToken cancellationToken)
    {
        try
        {
            UpdateReceipt update = await Queue.UpdateMessageAsync(
                message.MessageId, receipt, visibilityTimeout: invisible, cancellationToken: cancellationToken).ConfigureAwait(false);
            return update.PopReceipt;
        }
        catch (RequestFailedException e) when (IsNotOurs(e))
        {
            return null;
        }
    }

    public async Task DeleteAsync(QueueMessage message, string receipt, CancellationToken cancellationToken)
    {
        try
        {
            await Queue.DeleteMessageAsync(message.MessageId, receipt, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (IsNotOurs(e))
        {
            // Another worker has it, and will find its work done.
        }
    }

    private static bool IsNotOurs(RequestFailedException e) =>
        e.Status == 404 || e.ErrorCode == QueueErrorCode.PopReceiptMismatch;

    private static async Task SendAsync(QueueClient queue, string text, TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await queue.SendMessageAsync(text, delay, Forever, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await queue.SendMessageAsync(text, delay, Forever, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Moved a message from the queue {Queue} to {PoisonQueue}, because it {Reason}: {Text}")]
    private partial void LogPoison(string queue, string reason, string poisonQueue, string text);
}
