using System.Collections.Concurrent;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ResNetFunctions.EndToEnd.Worker.Protocol;
using static ResNetFunctions.EndToEnd.Worker.Protocol.StatusResult.Types;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>A worker whose queue functions are invoked as by the Functions host: batches as in host.json; a message is
/// deleted after success, returned after failure, and poison after five deliveries. A worker that dies is
/// restarted.</summary>
internal sealed class WorkerHost : IAsyncDisposable
{
    private const int BatchSize = 2, NewBatchThreshold = 2, MaxDequeueCount = 5;

    // Instead of 10 minutes and 30 s, to save time.
    private static readonly TimeSpan Invisible = TimeSpan.FromMinutes(10), RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Func<Task<FunctionsWorker>> _start;
    private readonly QueueServiceClient _account;
    private readonly string _workQueue;
    private readonly SemaphoreSlim _starting = new(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _listening = Task.CompletedTask;

    private WorkerHost(Func<Task<FunctionsWorker>> start, FunctionsWorker worker, QueueServiceClient account, string workQueue) =>
        (_start, Worker, _account, _workQueue) = (start, worker, account, workQueue);

    /// <summary>The worker that runs now.</summary>
    public FunctionsWorker Worker { get; private set; }

    /// <summary>The errors of invocations that were retried.</summary>
    public ConcurrentQueue<string> Failures { get; } = new();

    /// <param name="workers">Starts the worker.</param>
    /// <param name="connection">The images' account.</param>
    /// <param name="workQueue">The name of the queue.</param>
    /// <param name="settings">The worker's settings.</param>
    public static Task<WorkerHost> StartAsync(
        Workers workers, string connection, string workQueue, params (string Name, string Value)[] settings) =>
        StartAsync(workers, connection, workQueue, ["ClassifyQueued", "WalkImages"], settings);

    /// <summary>The same, with only some of the functions listened for.</summary>
    public static async Task<WorkerHost> StartAsync(
        Workers workers, string connection, string workQueue, string[] functions, (string Name, string Value)[] settings)
    {
        Task<FunctionsWorker> StartAsync() =>
            Workers.StartAsync([("ImageStorage", connection), ("Blobs__WorkQueue", workQueue), .. settings]);
        var options = new QueueClientOptions(QueueClientOptions.ServiceVersion.V2026_06_06) { MessageEncoding = QueueMessageEncoding.Base64 };
        var host = new WorkerHost(StartAsync, await StartAsync(), new QueueServiceClient(connection, options), workQueue);
        host._listening = Task.WhenAll(functions.Select(function =>
            host.ListenAsync(function == "WalkImages" ? workQueue + "-walks" : workQueue, function)));
        return host;
    }

    /// <summary>Ends the worker with SIGKILL, and waits until another one runs.</summary>
    public async Task KillAsync()
    {
        FunctionsWorker killed = Worker;
        killed.Process.Kill();
        await killed.Process.WaitForExitAsync();
        await RestartAsync(killed);
    }

    /// <summary>Waits until both queues are empty.</summary>
    public async Task UntilEmptyAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        while (await CountAsync(_workQueue) + await CountAsync(_workQueue + "-walks") > 0)
            await Task.Delay(100, limit.Token);
    }

    private async Task<int> CountAsync(string name)
    {
        QueueClient queue = _account.GetQueueClient(name);
        return await queue.ExistsAsync() ? (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount : 0;
    }

    private async Task ListenAsync(string name, string function)
    {
        QueueClient queue = _account.GetQueueClient(name);
        List<Task> running = [];
        while (!_stop.IsCancellationRequested)
        {
            running.RemoveAll(task => task.IsCompleted);
            QueueMessage[] batch = running.Count <= NewBatchThreshold && await queue.ExistsAsync()
                ? (await queue.ReceiveMessagesAsync(BatchSize, Invisible)).Value : [];
            running.AddRange(batch.Select(message => ProcessAsync(queue, function, message)));
            if (batch.Length == 0)
                await Task.Delay(50);
        }
        await Task.WhenAll(running);
    }

    private async Task ProcessAsync(QueueClient queue, string function, QueueMessage message)
    {
        FunctionsWorker worker = Worker;
        bool succeeded = false;
        try
        {
            InvocationResponse response = await worker.InvokeQueueAsync(function, message.Body.ToString(), message.DequeueCount);
            succeeded = response.Result.Status == Status.Success;
            if (!succeeded)
                Failures.Enqueue($"{function}: {response.Result.Exception?.Message}");
        }
        catch (IOException) when (!_stop.IsCancellationRequested)
        {
            Failures.Enqueue($"{function}: the worker has ended");
            await RestartAsync(worker);
        }
        catch (IOException)
        {
            return;
        }
        if (!succeeded && message.DequeueCount < MaxDequeueCount)
        {
            await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: RetryAfter);
            return;
        }
        if (!succeeded)
        {
            QueueClient poison = _account.GetQueueClient(queue.Name + "-poison");
            await poison.CreateIfNotExistsAsync();
            await poison.SendMessageAsync(message.Body);
        }
        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
    }

    private async Task RestartAsync(FunctionsWorker dead)
    {
        await _starting.WaitAsync();
        try
        {
            if (Worker != dead || _stop.IsCancellationRequested)
                return;
            Worker = await _start();
            await dead.DisposeAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Worker.DisposeAsync();
        await _listening;
        _stop.Dispose();
        _starting.Dispose();
    }
}
