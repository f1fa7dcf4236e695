using System.Buffers;
using System.Buffers.Text;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>The bytes of a request or a part of it, in memory that a budget counts.</summary>
internal sealed class PooledBytes : IDisposable
{
    // Buffers up to this size come from the pool. Larger ones go back to the system at once.
    private const int FirstSize = 128 << 10;

    private readonly ByteBudget? _budget;
    private IMemoryOwner<byte>? _buffer;
    private int _length;

    private PooledBytes(ByteBudget? budget, int capacity)
    {
        _budget = budget;
        _buffer = Rent(capacity);
    }

    public ReadOnlyMemory<byte> Memory =>
        (_buffer ?? throw new ObjectDisposedException(nameof(PooledBytes))).Memory[.._length];

    /// <summary>Reads a stream to its end. Memory grows with the bytes that arrive, not with the announced length, so a slow
    /// client holds little.</summary>
    /// <param name="stream">What to read.</param>
    /// <param name="announced">The announced length, if any.</param>
    /// <param name="limit">The maximum length.</param>
    /// <param name="budget">Null if the number of such buffers is limited otherwise.</param>
    /// <exception cref="RejectedException">too-large.</exception>
    /// <exception cref="UnavailableException">overloaded: other requests hold the memory.</exception>
    public static ValueTask<PooledBytes> ReadAsync(
        Stream stream, long? announced, long limit, ByteBudget? budget, CancellationToken cancellationToken) =>
        ReadAsync(stream, default, announced, new BodyLimits(limit, limit), budget, cancellationToken);

    /// <inheritdoc cref="ReadAsync(Stream, long?, long, ByteBudget?, CancellationToken)"/>
    /// <param name="start">The first bytes, if they were read already.</param>
    public static async ValueTask<PooledBytes> ReadAsync(
        Stream stream, ReadOnlyMemory<byte> start, long? announced, BodyLimits limits, ByteBudget? budget, CancellationToken cancellationToken)
    {
        if (announced > limits.Json)
            throw TooLarge(limits.Json);

        // One byte more, so that the end is seen without growing the buffer.
        long limit = limits.Json, most = (announced ?? limit) + 1;
        var bytes = new PooledBytes(budget, (int)Math.Min(most, FirstSize));
        try
        {
            start.CopyTo(bytes._buffer!.Memory);
            bytes._length = start.Length;
            while (true)
            {
                if (bytes._length == bytes._buffer!.Memory.Length)
                    bytes.Grow(most, limit + 1);
                int read = await stream.ReadAsync(bytes._buffer.Memory[bytes._length..], cancellationToken).ConfigureAwait(false);
                bytes._length += read;
                limit = limits.Of(bytes._buffer.Memory.Span[..bytes._length]);
                if (bytes._length > limit || announced > limit)
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

    /// <summary>Decodes base64; white space in it is ignored.</summary>
    /// <exception cref="RejectedException">bad-json: no base64; too-large.</exception>
    /// <exception cref="UnavailableException">overloaded.</exception>
    public static PooledBytes FromBase64(ReadOnlySpan<byte> text, long limit, ByteBudget budget)
    {
        var bytes = new PooledBytes(budget, Base64.GetMaxDecodedFromUtf8Length(text.Length) + 1);
        OperationStatus status = Base64.DecodeFromUtf8(text, bytes._buffer!.Memory.Span, out _, out bytes._length);
        if (status == OperationStatus.Done && bytes._length <= limit)
            return bytes;
        bytes.Dispose();
        throw status == OperationStatus.Done ? TooLarge(limit) : new RejectedException(ErrorCode.BadJson, "The base64 text is damaged or cut off.");
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
        new(ErrorCode.TooLarge, $"At most {limit:N0} bytes are accepted.");

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            Return(buffer);
    }
}
