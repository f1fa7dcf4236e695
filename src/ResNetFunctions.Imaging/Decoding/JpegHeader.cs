using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Walks a JPEG file's marker segments (ITU-T T.81, annex B), through all scans to the end marker: a decoder
/// that meets the end of a file too soon may say nothing and leave grey what is missing.</summary>
internal static class JpegHeader
{
    private const byte StartOfImage = 0xD8, StartOfScan = 0xDA, EndOfImage = 0xD9, App1 = 0xE1;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        var orientation = Orientation.TopLeft;
        ImageHeader? frame = null;
        var scans = 0;
        var at = 2;
        for (var marker = NextMarker(image, ref at); marker != EndOfImage; marker = NextMarker(image, ref at))
        {
            if (StandsAlone(marker))
                continue;
            var segment = Segment(image, ref at);
            if (IsStartOfFrame(marker))
                frame ??= ReadFrame(marker, segment);
            else if (marker == App1 && scans == 0 && segment.StartsWith("Exif\0\0"u8))
                orientation = ExifOrientation.Read(segment[6..]);
            else if (marker == StartOfScan)
                scans++;
        }
        return frame is { } header && scans > 0
            ? header with { Orientation = orientation, Scans = scans }
            : throw ImageErrors.Corrupt("The JPEG file has no picture.");
    }

    private static bool StandsAlone(byte marker) => marker is 0x01 or (>= 0xD0 and <= StartOfImage);

    // Any number of 0xFF may precede a marker. What is no marker is skipped: the entropy-coded data, where 0xFF is
    // followed by 0, and whatever else stands between segments, as decoders do.
    private static byte NextMarker(ReadOnlySpan<byte> image, ref int at)
    {
        while (true)
        {
            var found = image[at..].IndexOf((byte)0xFF);
            if (found < 0)
                throw ImageErrors.CutOff(ImageFormat.Jpeg);
            at += found;
            while (at < image.Length && image[at] == 0xFF)
                at++;
            if (at == image.Length)
                throw ImageErrors.CutOff(ImageFormat.Jpeg);
            var marker = image[at++];
            if (marker != 0)
                return marker;
        }
    }

    private static ReadOnlySpan<byte> Segment(ReadOnlySpan<byte> image, ref int at)
    {
        if (image.Length - at < 2)
            throw ImageErrors.CutOff(ImageFormat.Jpeg);
        var length = BinaryPrimitives.ReadUInt16BigEndian(image[at..]);
        if (length < 2)
            throw ImageErrors.Damaged(ImageFormat.Jpeg);
        if (image.Length - at < length)
            throw ImageErrors.CutOff(ImageFormat.Jpeg);
        var segment = image.Slice(at + 2, length - 2);
        at += length;
        return segment;
    }

    private static bool IsStartOfFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static ImageHeader ReadFrame(byte marker, ReadOnlySpan<byte> segment)
    {
        if (marker > 0xC2)
            throw ImageErrors.Unsupported(
                "Lossless, hierarchical and arithmetic-coded JPEG are not supported; baseline and progressive are.");
        if (segment.Length < 6)
            throw ImageErrors.Damaged(ImageFormat.Jpeg);
        if (segment[0] != 8)
            throw ImageErrors.Unsupported($"JPEG with {segment[0]} bits a sample is not supported; 8 bits are.");
        if (segment[5] is not (1 or 3 or 4))
            throw ImageErrors.Unsupported($"JPEG with {segment[5]} components is not supported; 1, 3 and 4 are.");
        return new ImageHeader(
            ImageFormat.Jpeg,
            BinaryPrimitives.ReadUInt16BigEndian(segment[3..]),
            BinaryPrimitives.ReadUInt16BigEndian(segment[1..]),
            Orientation.TopLeft);
    }
}
