using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using ResNetFunctions.EndToEnd.Worker.Protocol;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>The Functions host's end of the stream between a host and its worker.</summary>
internal sealed class WorkerStream : FunctionRpc.FunctionRpcBase
{
    private readonly Channel<StreamingMessage> _toWorker = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _awaited = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the worker has come.</summary>
    public Task Started => _started.Task;

    public ConcurrentQueue<RpcLog> Logs { get; } = new();

    /// <summary>Sends a message and gives the worker's answer to it.</summary>
    public async Task<StreamingMessage> AskAsync(StreamingMessage message)
    {
        message.RequestId = Guid.NewGuid().ToString();
        var answer = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited[message.RequestId] = answer;
        Tell(message);
        await Task.WhenAny(answer.Task, _ended.Task);
        return answer.Task.IsCompleted ? await answer.Task : throw new IOException("The worker has ended.");
    }

    /// <summary>Sends a message that has no answer.</summary>
    public void Tell(StreamingMessage message) => _toWorker.Writer.TryWrite(message);

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        Task sending = SendAsync(responseStream, over.Token);
        try
        {
            await foreach (StreamingMessage message in requestStream.ReadAllAsync(context.CancellationToken))
                Receive(message);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The worker has ended; callers that await an answer are told below.
        }
        _ended.SetResult();
        await over.CancelAsync();
        await sending;
    }

    private async Task SendAsync(IServerStreamWriter<StreamingMessage> worker, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (StreamingMessage message in _toWorker.Reader.ReadAllAsync(cancellationToken))
                await worker.WriteAsync(message, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
        }
    }

    private void Receive(StreamingMessage message)
    {
        if (message.ContentCase == StreamingMessage.ContentOneofCase.StartStream)
            _started.TrySetResult();
        else if (message.ContentCase == StreamingMessage.ContentOneofCase.RpcLog)
            Logs.Enqueue(message.RpcLog);
        else if (_awaited.TryRemove(message.RequestId, out TaskCompletionSource<StreamingMessage>? answer))
            answer.SetResult(message);
    }
}
