using System.Text.Json;

namespace ResNetFunctions.Fuzz.Images;

/// <summary>Small pictures in every variant of the five formats; tests/reference/make_fuzz_corpus.py made them.</summary>
internal static class Corpus
{
    public static readonly (string Name, byte[] Bytes)[] All = Read();

    public static byte[] Pick(Random random, string prefix = "")
    {
        (string Name, byte[] Bytes)[] matching = Array.FindAll(All, picture => picture.Name.StartsWith(prefix, StringComparison.Ordinal));
        return matching[random.Next(matching.Length)].Bytes;
    }

    private static (string, byte[])[] Read()
    {
        using var json = JsonDocument.Parse(typeof(Corpus).Assembly.GetManifestResourceStream("images.json")!);
        return [.. json.RootElement.EnumerateObject().Select(picture => (picture.Name, picture.Value.GetBytesFromBase64()))];
    }
}
