using System.Buffers;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>The bytes of a request or of a part of it, in memory that a budget counts; disposing gives it back.</summary>
internal sealed class PooledBytes : IDisposable
{
    // A buffer of this size comes from the pool, which keeps some for each thread; a larger one is given back at once.
    private const int FirstSize = 128 << 10;

    private readonly ByteBudget? _budget;
    private IMemoryOwner<byte>? _buffer;
    private int _length;

    private PooledBytes(ByteBudget? budget, int capacity)
    {
        _budget = budget;
        _buffer = Rent(capacity);
    }

    /// <summary>The bytes; not to be used after disposal.</summary>
    public ReadOnlyMemory<byte> Memory =>
        (_buffer ?? throw new ObjectDisposedException(nameof(PooledBytes))).Memory[.._length];

    /// <summary>Reads a stream to its end. Memory is taken as bytes come, never because they were announced: who sends
    /// slowly holds little.</summary>
    /// <param name="stream">What to read.</param>
    /// <param name="announced">Its length, where it was announced.</param>
    /// <param name="limit">The most bytes to take.</param>
    /// <param name="budget">What counts the memory; null where its number is bounded otherwise.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RejectedException">too-large: more bytes than the limit were announced or came.</exception>
    /// <exception cref="UnavailableException">overloaded: other requests hold the memory.</exception>
    public static async ValueTask<PooledBytes> ReadAsync(
        Stream stream, long? announced, long limit, ByteBudget? budget, CancellationToken cancellationToken)
    {
        if (announced > limit)
            throw TooLarge(limit);

        // One byte more than there should be, so that the end is seen without growing.
        long most = (announced ?? limit) + 1;
        var bytes = new PooledBytes(budget, (int)Math.Min(most, FirstSize));
        try
        {
            while (true)
            {
                if (bytes._length == bytes._buffer!.Memory.Length)
                    bytes.Grow(most, limit + 1);
                int read = await stream.ReadAsync(bytes._buffer.Memory[bytes._length..], cancellationToken).ConfigureAwait(false);
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

    private void Grow(long most, long limit)
    {
        long size = Math.Min(_length < most ? most : limit, 4L * _length);
        IMemoryOwner<byte> larger = Rent((int)size);
        _buffer!.Memory[.._length].CopyTo(larger.Memory);
        Return(_buffer);
        _buffer = larger;
    }

    private IMemoryOwner<byte> Rent(int capacity)
    {
        IMemoryOwner<byte> buffer =
            capacity <= FirstSize ? MemoryPool<byte>.Shared.Rent(capacity) : new NativeBytes(capacity);
        try
        {
            _budget?.Take(buffer.Memory.Length);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    private void Return(IMemoryOwner<byte> buffer)
    {
        _budget?.Give(buffer.Memory.Length);
        buffer.Dispose();
    }

    public static RejectedException TooLarge(long limit) =>
        new(ErrorCode.TooLarge, $"More than {limit:N0} bytes are not taken.");

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            Return(buffer);
    }
}
