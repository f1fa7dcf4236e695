using System.Globalization;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>The messages for images that cannot be read.</summary>
internal static class ImageErrors
{
    public static RejectedException Empty() => new(ErrorCode.EmptyBody, "The image has no bytes.");

    public static RejectedException Unsupported(string detail) => new(ErrorCode.UnsupportedFormat, detail);

    public static RejectedException Corrupt(string detail, Exception? cause = null) =>
        new(ErrorCode.CorruptImage, detail, cause);

    public static RejectedException CutOff(ImageFormat format) => Corrupt($"The {NameOf(format)} file is cut off.");

    public static RejectedException Damaged(ImageFormat format, Exception? cause = null) =>
        Corrupt($"The {NameOf(format)} file is damaged.", cause);

    public static RejectedException TooManyPixels(long width, long height, long limit) => new(
        ErrorCode.TooManyPixels,
        string.Create(CultureInfo.InvariantCulture,
            $"The image has {width} x {height} pixels; at most {limit} are accepted."));

    public static RejectedException TooManyScans(long width, long height, int scans) => new(
        ErrorCode.TooManyPixels,
        string.Create(CultureInfo.InvariantCulture, $"The JPEG file has {scans} scans of {width} x {height} pixels, which take too long to decode."));

    private static string NameOf(ImageFormat format) => format switch
    {
        ImageFormat.WebP => "WebP",
        _ => format.ToString().ToUpperInvariant(),
    };
}
