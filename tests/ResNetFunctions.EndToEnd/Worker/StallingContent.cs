using System.Net;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>A body that stops in its middle until it is let go on.</summary>
internal sealed class StallingContent(byte[] bytes) : HttpContent
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first half is sent.</summary>
    public Task Stalled => _stalled.Task;

    /// <summary>Lets the second half follow.</summary>
    public void Release() => _released.TrySetResult();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        _stalled.TrySetResult();
        await _released.Task.WaitAsync(cancellationToken);
        await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2), cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
