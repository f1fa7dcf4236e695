using System.Buffers;
using System.Buffers.Text;
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
    public static ValueTask<PooledBytes> ReadAsync(
        Stream stream, long? announced, long limit, ByteBudget? budget, CancellationToken cancellationToken) =>
        ReadAsync(stream, default, announced, new BodyLimits(limit, limit), budget, cancellationToken);

    /// <inheritdoc cref="ReadAsync(Stream, long?, long, ByteBudget?, CancellationToken)"/>
    /// <param name="stream">What to read.</param>
    /// <param name="start">What was read of it already, some bytes at most.</param>
    /// <param name="limits">The most bytes to take, by how they begin.</param>
    public static async ValueTask<PooledBytes> ReadAsync(
        Stream stream, ReadOnlyMemory<byte> start, long? announced, BodyLimits limits, ByteBudget? budget, CancellationToken cancellationToken)
    {
        if (announced > limits.Json)
            throw TooLarge(limits.Json);

        // One byte more than there should be, so that the end is seen without growing.
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

    /// <summary>Decodes base64; blanks and line ends between its characters are passed over.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="limit">The most bytes to take.</param>
    /// <param name="budget">What counts the memory.</param>
    /// <exception cref="RejectedException">bad-json: it is no base64; too-large.</exception>
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
        new(ErrorCode.TooLarge, $"More than {limit:N0} bytes are not taken.");

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            Return(buffer);
    }
}
