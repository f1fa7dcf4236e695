using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace ResNetFunctions.Api.Page;

internal sealed record PageFile(byte[] Bytes, string ContentType, EntityTagHeaderValue Tag);

internal static class PageFiles
{
    private const string Folder = "Page/";
    private const string IndexName = "index.html";

    public static readonly FrozenDictionary<string, PageFile> Assets =
        typeof(PageFiles).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..])
            .Where(name => name != IndexName)
            .ToFrozenDictionary(name => name, name => File(name, Read(name)));

    /// <summary>Part of the assets' URLs, so that browsers may cache them for ever.</summary>
    public static readonly string Version = Hash(Encoding.ASCII.GetBytes(
        string.Concat(Assets.OrderBy(asset => asset.Key, StringComparer.Ordinal).Select(asset => asset.Value.Tag.Tag))));

    public static readonly PageFile Index = File(IndexName, Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(Read(IndexName)).Replace("{version}", Version, StringComparison.Ordinal)));

    private static PageFile File(string name, byte[] bytes) =>
        new(bytes, ContentType(Path.GetExtension(name)), new EntityTagHeaderValue($"\"{Hash(bytes)}\""));

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));

    private static string ContentType(string extension) => extension switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".webp" => "image/webp",
        _ => throw new NotSupportedException($"The page has no content type for {extension} files."),
    };

    private static byte[] Read(string name)
    {
        using Stream stream = typeof(PageFiles).Assembly.GetManifestResourceStream(Folder + name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
