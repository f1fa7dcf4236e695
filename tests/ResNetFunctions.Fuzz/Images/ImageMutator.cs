namespace ResNetFunctions.Fuzz.Images;

/// <summary>A hostile picture for each number.</summary>
internal static class ImageMutator
{
    public static byte[] Make(Random random)
    {
        // One in two hundred is a bomb, which costs a server a thousand times more.
        if (random.Next(200) == 0)
            return Bomb(random);

        byte[] picture = Corpus.Pick(random);
        if (random.Next(3) == 0)
        {
            picture = random.Next(2) == 0 && picture[0] == 0x89
                ? Png.ChangeInside(picture, random)
                : LyingHeader.Write(picture, Side(random), Side(random));
        }
        picture = Mutator.Change(picture, random, Corpus.Pick(random));
        // A checksum would catch nearly every change: let half of the damaged files have right ones.
        return picture.Length > 0 && picture[0] == 0x89 && random.Next(2) == 0 ? Png.WithRightChecksums(picture) : picture;
    }

    private static byte[] Bomb(Random random) => random.Next(7) switch
    {
        0 => Jpeg.ManyScans(random),
        1 => Jpeg.HugeSegments(random),
        2 => Png.DeflateBomb(random),
        3 => Png.ManyChunks(random),
        4 => LyingHeader.Write(Corpus.Pick(random), random.Next(4_000, 8_001), random.Next(4_000, 8_001)),
        5 => LyingHeader.Write(Corpus.Pick(random), random.Next(2) == 0 ? 65_535 : 1, 65_535),
        _ => WebP.HugeMetadata(random),
    };

    // Any size up to 65,535, small ones as often as large ones; mostly such that the product is small.
    private static int Side(Random random) => random.Next(10) == 0 ? random.Next(1, 1 << random.Next(1, 17)) : random.Next(1, 200);
}
