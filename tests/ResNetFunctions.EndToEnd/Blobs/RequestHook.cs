using Azure.Core;
using Azure.Core.Pipeline;

namespace ResNetFunctions.EndToEnd.Blobs;

/// <summary>Sees every request of a storage client, and can do something before it is sent or after it is answered.</summary>
public sealed class RequestHook : HttpPipelinePolicy
{
    private readonly List<string> _requests = [];
    private int _writes;

    /// <summary>Before the request of that number, from 1.</summary>
    public Func<int, Task> Before { get; init; } = _ => Task.CompletedTask;

    /// <summary>After the request of that number was answered; its exception replaces the answer.</summary>
    public Action<int, HttpMessage> After { get; init; } = (_, _) => { };

    /// <summary>The verbs and the blobs of the requests so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    /// <summary>How many results storage took, without pending ones.</summary>
    public int Writes => _writes;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        int number;
        lock (_requests)
        {
            bool isResult = message.Request.Uri.Path.EndsWith(".json", StringComparison.Ordinal);
            _requests.Add($"{message.Request.Method} {(isResult ? "result" : "image")}");
            number = _requests.Count;
        }
        await Before(number);
        await ProcessNextAsync(message, pipeline);
        if (message.Response.Status == 201
            && message.Request.Headers.TryGetValue("x-ms-meta-resnet_status", out string? status) && status != "pending")
        {
            Interlocked.Increment(ref _writes);
        }
        After(number, message);
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException();
}
