namespace ResNetFunctions.Api.Http;

/// <summary>How long a body may be: JSON holds images in base64, several perhaps, and so may be longer than one image.</summary>
/// <param name="Image">The most bytes of an image.</param>
/// <param name="Json">The most bytes of JSON; not less.</param>
internal readonly record struct BodyLimits(long Image, long Json)
{
    private const int SniffLength = 64;

    /// <summary>The limit of a body that begins like this.</summary>
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
