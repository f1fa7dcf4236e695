using Microsoft.AspNetCore.Http;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>A request's body with its Content-Encoding undone; limits count what comes out.</summary>
internal static class RequestBody
{
    /// <summary>Reads it to its end: an image, or JSON, which may be longer.</summary>
    /// <exception cref="RejectedException">too-large; unsupported-format: an encoding that is not known; bad-parameter: one
    /// that can't be undone.</exception>
    /// <exception cref="UnavailableException">overloaded.</exception>
    public static ValueTask<PooledBytes> ReadAsync(
        HttpRequest request, ResNetOptions options, ByteBudget budget, CancellationToken cancellationToken)
    {
        var limits = new BodyLimits(Math.Min(options.MaxImageBytes, options.MaxRequestBytes), options.MaxRequestBytes);
        return CodingOf(request) is null
            ? PooledBytes.ReadAsync(request.Body, default, request.ContentLength, limits, budget, cancellationToken)
            : PooledBytes.ReadAsync(Open(request, options.MaxRequestBytes), default, null, limits, budget, cancellationToken);
    }

    /// <summary>A stream that ends with too-large past the limit.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static Stream Open(HttpRequest request, long limit)
    {
        if (request.ContentLength > limit)
            throw PooledBytes.TooLarge(limit);
        if (CodingOf(request) is not { } coding)
            return new LimitedStream(request.Body, limit);

        // What goes in is limited too: packed data can be long without end and hold nothing.
        var packed = new LimitedStream(request.Body, limit);
        Stream unpacked = Decompression.Open(coding, packed)
            ?? throw new RejectedException(ErrorCode.UnsupportedFormat, "Of Content-Encoding, gzip, br and deflate are taken.");
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
