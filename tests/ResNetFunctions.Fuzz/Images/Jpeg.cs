namespace ResNetFunctions.Fuzz.Images;

/// <summary>Hostile changes particular to JPEG.</summary>
internal static class Jpeg
{
    /// <summary>The index of the 0xFF that begins the frame header.</summary>
    public static int StartOfFrame(ReadOnlySpan<byte> jpeg)
    {
        int at = 2;
        while (jpeg[at + 1] is not (0xC0 or 0xC1 or 0xC2))
            at += 2 + ((jpeg[at + 2] << 8) | jpeg[at + 3]);
        return at;
    }

    /// <summary>A progressive picture that announces many pixels and goes through them over and over.</summary>
    public static byte[] ManyScans(Random random)
    {
        byte[] picture = LyingHeader.Write(Corpus.Pick(random, "jpeg-progressive"), random.Next(500, 8_001), random.Next(500, 8_001));
        int scan = picture.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        byte[] again = picture[scan..^2];
        int times = random.Next(10, 5_000);
        return [.. picture[..^2], .. Enumerable.Repeat(again, times).SelectMany(bytes => bytes), 0xFF, 0xD9];
    }

    /// <summary>Megabytes of EXIF, ICC profile or comments before the picture.</summary>
    public static byte[] HugeSegments(Random random)
    {
        byte[] picture = Corpus.Pick(random, "jpeg");
        (byte Marker, byte[] Start) kind = random.Next(3) switch
        {
            0 => (0xE1, [.. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0xFF, 0xFF]),
            1 => (0xE2, [.. "ICC_PROFILE\0"u8, 1, 255]),
            _ => (0xFE, []),
        };
        byte[] segment = [0xFF, kind.Marker, 0xFF, 0xFF, .. kind.Start, .. new byte[0xFFFD - kind.Start.Length]];
        IEnumerable<byte> segments = Enumerable.Repeat(segment, random.Next(1, 150)).SelectMany(bytes => bytes);
        return [.. picture[..2], .. segments, .. picture[2..]];
    }
}
