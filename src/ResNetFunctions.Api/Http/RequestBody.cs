using Microsoft.AspNetCore.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>A request's body with its Content-Encoding undone. Limits count the decompressed bytes.</summary>
internal static class RequestBody
{
    /// <exception cref="RejectedException">too-large; unsupported-format: unknown encoding; bad-parameter: damaged
    /// data.</exception>
    /// <exception cref="UnavailableException">overloaded.</exception>
    public static ValueTask<PooledBytes> ReadAsync(
        HttpRequest request, ResNetOptions options, ByteBudget budget, CancellationToken cancellationToken)
    {
        var limits = new BodyLimits(Math.Min(options.MaxImageBytes, options.MaxRequestBytes), options.MaxRequestBytes);
        return CodingOf(request) is null
            ? PooledBytes.ReadAsync(request.Body, default, request.ContentLength, limits, budget, cancellationToken)
            : PooledBytes.ReadAsync(Open(request, options.MaxRequestBytes), default, null, limits, budget, cancellationToken);
    }

    public static Stream Open(HttpRequest request, long limit)
    {
        if (request.ContentLength > limit)
            throw PooledBytes.TooLarge(limit);
        if (CodingOf(request) is not { } coding)
            return new LimitedStream(request.Body, limit);

        // The compressed bytes are limited too: they can be endless and decompress to nothing.
        var packed = new LimitedStream(request.Body, limit);
        Stream unpacked = Decompression.Open(coding, packed)
            ?? throw new RejectedException(ErrorCode.UnsupportedFormat, "Content-Encoding must be gzip, br or deflate.");
        var limited = new LimitedStream(unpacked, limit, coding);
        request.HttpContext.Response.RegisterForDispose(limited);
        return limited;
    }

    private static string? CodingOf(HttpRequest request)
    {
        string coding = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        return coding is "" or "identity" ? null : coding;
    }
}
