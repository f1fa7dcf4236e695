namespace ResNetFunctions.Api.Http;

/// <summary>The largest body. JSON may hold several images in base64, so it may be longer than an image.</summary>
internal readonly record struct BodyLimits(long Image, long Json)
{
    private const int SniffLength = 64;

    public long Of(ReadOnlySpan<byte> start) => IsJson(start) ? Json : Image;

    /// <summary>Whether a body is JSON, whatever its Content-Type says: no image begins with a brace or a bracket.</summary>
    public static bool IsJson(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> start = body[..Math.Min(body.Length, SniffLength)];
        if (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            start = start[3..];
        start = start.TrimStart(" \t\r\n"u8);
        return start is [(byte)'{' or (byte)'[', ..];
    }
}
