using System.Buffers;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>Bytes in a buffer of the shared pool; disposing it gives the buffer back.</summary>
internal sealed class PooledBytes : IDisposable
{
    private const int FirstSize = 128 << 10;

    private byte[]? _buffer;
    private int _length;

    private PooledBytes(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>The bytes; not to be used after disposal.</summary>
    public ReadOnlyMemory<byte> Memory =>
        new(_buffer ?? throw new ObjectDisposedException(nameof(PooledBytes)), 0, _length);

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">What to read.</param>
    /// <param name="announced">Its length where it was announced: the buffer then fits at once.</param>
    /// <param name="limit">The most bytes to take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RejectedException">too-large: more bytes than the limit were announced or came.</exception>
    public static async ValueTask<PooledBytes> ReadAsync(
        Stream stream, long? announced, long limit, CancellationToken cancellationToken)
    {
        if (announced > limit)
            throw TooLarge(limit);

        // One more byte than announced, so that the end is seen without growing.
        var bytes = new PooledBytes((int)Math.Min(announced + 1 ?? FirstSize, limit + 1));
        try
        {
            while (true)
            {
                if (bytes._length == bytes._buffer!.Length)
                    bytes.Grow(limit);
                int read = await stream.ReadAsync(bytes._buffer.AsMemory(bytes._length), cancellationToken).ConfigureAwait(false);
                bytes._length += read;
                if (bytes._length > limit)
                    throw TooLarge(limit);
                if (read == 0)
                    return bytes;
            }
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private void Grow(long limit)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit + 1, 2L * _buffer!.Length));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    public static RejectedException TooLarge(long limit) =>
        new(ErrorCode.TooLarge, $"More than {limit:N0} bytes are not taken.");

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
