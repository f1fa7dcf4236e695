using System.Text;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Fuzz.Weights;

/// <summary>Mutations of the shipped manifests. Accepted ones must name plain files and a limited input.</summary>
internal sealed class Manifests : IFiles
{
    private static readonly byte[][] Originals =
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "models"), "*.json").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static readonly byte[][] Pieces =
    [
        .. ((string[])
        [
            "\"../../etc/passwd\"", "\"/etc/passwd\"", "\"..\"", "\"a/b.onnx\"", "\"a\\\\b.onnx\"", "\"\"", "null", "[]", "{}", "-1", "0",
            "1e999", "2147483648", "0.5", "true", "\"\\u0000\"", "\"\\ud800\"", new string('[', 5_000), "\"" + new string('n', 5_000) + "\"",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public byte[] Make(Random random)
    {
        byte[] manifest = Originals[random.Next(Originals.Length)];
        if (random.Next(2) == 0)
            manifest = Replace(manifest, random);
        return random.Next(2) == 0 ? Mutator.Change(manifest, random, Originals[random.Next(Originals.Length)]) : manifest;
    }

    public void Read(string path)
    {
        Manifest manifest = Manifest.Parse(File.ReadAllBytes(path));
        foreach (string file in (string[])[manifest.Name, manifest.Weights.File, manifest.Labels])
        {
            if (Path.GetFileName(file) != file || file is "" or "." or "..")
                throw new InvalidOperationException($"'{file}' is no plain name");
        }
        if (manifest.Input.Crop is < 1 or > 4096)
            throw new InvalidOperationException($"a crop of {manifest.Input.Crop}");
    }

    // Replaces a value: the text from a colon to the end of its line.
    private static byte[] Replace(byte[] manifest, Random random)
    {
        string[] lines = Encoding.UTF8.GetString(manifest).Split('\n');
        int line = random.Next(lines.Length);
        int colon = lines[line].IndexOf(": ", StringComparison.Ordinal);
        if (colon > 0)
            lines[line] = lines[line][..(colon + 2)] + Encoding.UTF8.GetString(Pieces[random.Next(Pieces.Length)]) + ",";
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }
}
