using System.Buffers.Binary;

namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Reads a JPEG file's segments (ITU-T T.81, annex B) to the end marker. A decoder may leave the missing part of a
/// truncated file grey without an error.</summary>
internal static class JpegHeader
{
    private const byte StartOfImage = 0xD8, App1 = 0xE1;

    public const byte StartOfScan = 0xDA, EndOfImage = 0xD9, HuffmanTables = 0xC4;

    public static ImageHeader Read(ReadOnlySpan<byte> image)
    {
        Orientation? orientation = null; // the first block's, as in Pillow
        ImageHeader? frame = null;
        ReadOnlySpan<byte> frameSegment = default;
        var scans = 0;
        var at = 2;
        for (var marker = NextMarker(image, ref at); marker != EndOfImage; marker = NextMarker(image, ref at))
        {
            if (StandsAlone(marker))
                continue;
            var segment = Segment(image, ref at);
            if (IsStartOfFrame(marker))
            {
                if (frame is not null)
                    throw ImageErrors.Damaged(ImageFormat.Jpeg);
                frame = ReadFrame(marker, segment);
                frameSegment = segment;
            }
            else if (marker == App1 && scans == 0 && segment.StartsWith("Exif\0\0"u8))
            {
                orientation ??= ExifOrientation.Read(segment[6..]);
            }
            else if (marker == StartOfScan)
            {
                ThrowIfTooLarge(frameSegment, segment);
                scans++;
            }
        }
        return frame is { } header && scans > 0
            ? header with { Orientation = orientation ?? Orientation.TopLeft, Scans = scans }
            : throw ImageErrors.Corrupt("The JPEG file has no picture.");
    }

    // An MCU of several components has at most ten blocks (B.2.3).
    private static void ThrowIfTooLarge(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> scan)
    {
        if (scan.IsEmpty || scan[0] < 2)
            return;
        var blocks = 0;
        for (var i = 1; i < scan.Length && i <= 2 * scan[0]; i += 2)
        {
            for (var component = 6; component + 2 < frame.Length; component += 3)
            {
                if (frame[component] == scan[i])
                    blocks += (frame[component + 1] >> 4) * (frame[component + 1] & 15);
            }
        }
        if (blocks > 10)
            throw ImageErrors.Damaged(ImageFormat.Jpeg);
    }

    public static bool StandsAlone(byte marker) => marker is 0x01 or (>= 0xD0 and <= StartOfImage);

    // Any number of 0xFF may precede a marker. Entropy-coded data and other bytes between segments are skipped, as decoders
    // do.
    public static byte NextMarker(ReadOnlySpan<byte> image, scoped ref int at)
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

    public static ReadOnlySpan<byte> Segment(ReadOnlySpan<byte> image, scoped ref int at)
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
        {
            var kind = marker switch { 0xC3 => "Lossless", <= 0xC7 => "Hierarchical", 0xC9 or 0xCA => "Arithmetic-coded", 0xCB => "Lossless", _ => "Hierarchical" };
            throw ImageErrors.Unsupported($"{kind} JPEG is not supported; baseline and progressive with Huffman codes are.");
        }
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
