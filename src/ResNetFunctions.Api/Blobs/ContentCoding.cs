using System.Buffers;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Imaging;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Undoes the compression that a blob's <c>Content-Encoding</c> names. Storage returns the bytes as they were
/// uploaded.</summary>
internal static class ContentCoding
{
    /// <summary>Decompresses. Returns the same bytes where no coding is named, or they are an image already.</summary>
    /// <param name="stored">The blob's bytes; disposed if others are returned or an exception is thrown.</param>
    /// <param name="contentEncoding">The codings in the order in which they were applied.</param>
    /// <exception cref="RejectedException">too-large, corrupt-image, or unsupported-format for another
    /// compression.</exception>
    public static async ValueTask<PooledBytes> DecodeAsync(
        PooledBytes stored, string? contentEncoding, long limit, CancellationToken cancellationToken)
    {
        string[] codings = (contentEncoding ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string coding in codings.Reverse())
        {
            if (IsImage(stored.Memory.Span))
                return stored;
            using PooledBytes compressed = stored;
            stored = await DecodeOneAsync(compressed, coding, limit, cancellationToken).ConfigureAwait(false);
        }
        return stored;
    }

    private static async ValueTask<PooledBytes> DecodeOneAsync(
        PooledBytes compressed, string coding, long limit, CancellationToken cancellationToken)
    {
        using MemoryHandle pin = compressed.Memory.Pin();
        using Stream bytes = Open(pin, compressed.Memory.Length);
        try
        {
            using Stream decompressed = Decompression.Open(coding, bytes) ?? throw new RejectedException(
                ErrorCode.UnsupportedFormat, $"The blob's Content-Encoding {coding} is not supported: use gzip, deflate or br.");
            return await PooledBytes.ReadAsync(decompressed, null, limit, null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new RejectedException(
                ErrorCode.CorruptImage, $"The blob is compressed (Content-Encoding: {coding}) and cannot be decompressed.", e);
        }
    }

    // Upload tools guess the header from a file's name, so it may be wrong.
    private static bool IsImage(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) || bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])
        || bytes.StartsWith("RIFF"u8) || bytes.StartsWith("GIF8"u8) || bytes.StartsWith("BM"u8);

    private static unsafe UnmanagedMemoryStream Open(MemoryHandle pin, int length) => new((byte*)pin.Pointer, length);
}
