using System.IO.Compression;

namespace ResNetFunctions.Api.Http;

/// <summary>The codings of <c>Content-Encoding</c>, of a request and of a blob.</summary>
internal static class Decompression
{
    /// <summary>A stream of what was compressed; null where the coding is another than gzip, deflate and br.</summary>
    public static Stream? Open(string coding, Stream compressed) => coding.ToUpperInvariant() switch
    {
        "GZIP" or "X-GZIP" => new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true),
        "DEFLATE" => new ZLibStream(compressed, CompressionMode.Decompress, leaveOpen: true), // RFC 9110: zlib's format.
        "BR" => new BrotliStream(compressed, CompressionMode.Decompress, leaveOpen: true),
        _ => null,
    };
}
