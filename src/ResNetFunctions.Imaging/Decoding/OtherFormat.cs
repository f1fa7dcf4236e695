using System.Buffers;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Describes a file of another format, and what its owner can do.</summary>
internal static class OtherFormat
{
    private const string Formats = "The image is no JPEG, PNG, WebP, GIF or BMP file.";

    private static readonly SearchValues<byte> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n"u8);

    // Long enough that a word is not taken for base64.
    private const int MinBase64Length = 64, SniffLength = 1024;

    /// <param name="file">Only its first bytes are read.</param>
    public static string Advice(ReadOnlySpan<byte> file) => Kind(file[..Math.Min(file.Length, SniffLength)]) is { } kind
        ? $"{Formats} It looks like {kind}."
        : Formats;

    private static string? Kind(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("II*\0"u8) || start.StartsWith("MM\0*"u8) || start.StartsWith("II+\0"u8) || start.StartsWith("MM\0+"u8))
            return "a TIFF file: convert it to PNG";
        if (start.Length >= 12 && start[4..8].SequenceEqual("ftyp"u8))
            return Brand(start[8..12]);
        if (start.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20]) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]))
            return "a JPEG XL file: convert it to JPEG";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]))
            return "a video (WebM or Matroska): send one frame of it as JPEG";
        if (start.StartsWith("RIFF"u8) && start.Length >= 12 && start[8..12].SequenceEqual("AVI "u8))
            return "a video (AVI): send one frame of it as JPEG";
        if (start.StartsWith("%PDF"u8))
            return "a PDF document: send a page of it as PNG or JPEG";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return "gzip data: say Content-Encoding: gzip, or send it unpacked";
        if (start.StartsWith("PK\u0003\u0004"u8))
            return "a ZIP archive: send the images in it";
        if (start.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0]))
            return "an icon (ICO): convert it to PNG";
        return KindOfText(start);
    }

    private static string Brand(ReadOnlySpan<byte> brand) =>
        brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8) ? "an AVIF file: convert it to JPEG or PNG"
        : brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8)
            ? "a HEIC file, as iPhones write it: convert it to JPEG"
        : "a video (MP4 or QuickTime): send one frame of it as JPEG";

    private static string? KindOfText(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? start[3..] : start;
        text = text.TrimStart(" \t\r\n"u8);
        if (text.StartsWith("data:"u8))
            return """a data URL: send it as JSON, {"image": "data:…"}, or decoded""";
        if (text.StartsWith("<"u8))
        {
            return text.IndexOf("<svg"u8) >= 0 ? "an SVG drawing: render it to PNG"
                : StartsWithTag(text, "<!doctype html") || StartsWithTag(text, "<html")
                    ? "an HTML page: send the image itself, or the image's own address"
                : "XML: send the image itself";
        }
        if (text.StartsWith("{"u8) || text.StartsWith("["u8))
            return """JSON: send {"image": "base64"} to /api/classify, or the image itself""";
        return text.Length >= MinBase64Length && text.IndexOfAnyExcept(Base64) < 0
            ? """base64 text: send it as JSON, {"image": "base64"}, or decoded"""
            : null;
    }

    private static bool StartsWithTag(ReadOnlySpan<byte> text, string tag) =>
        text.Length >= tag.Length && System.Text.Ascii.EqualsIgnoreCase(text[..tag.Length], tag);
}
