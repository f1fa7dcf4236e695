using ResNetFunctions.Imaging;

namespace ResNetFunctions.Api.Http;

/// <summary>Ends with too-large once more bytes than the limit were read.</summary>
/// <param name="coding">The Content-Encoding that the inner stream undoes, if any.</param>
internal sealed class LimitedStream(Stream inner, long limit, string? coding = null) : Stream
{
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Count(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (coding is not null && e is InvalidDataException or InvalidOperationException)
        {
            throw new RejectedException(ErrorCode.BadParameter, $"The body is no valid {coding} data, or is cut off.", e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    private int Count(int read) => (_read += read) > limit ? throw PooledBytes.TooLarge(limit) : read;

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
