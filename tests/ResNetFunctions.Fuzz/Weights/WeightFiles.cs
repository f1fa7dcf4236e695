using System.IO.Compression;
using System.Text.Json;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.Fuzz.Weights;

/// <summary>Mutations of every form that weights come in; tests/reference/make_weight_files.py made the originals.</summary>
internal sealed class WeightFiles : IFiles
{
    private static readonly byte[][] Forms = Originals();
    private static readonly byte[] Opcodes = [.. "(.0RQbcdehjstu}])"u8, 0x81, 0x85, 0x93, 0x94];

    public byte[] Make(Random random)
    {
        byte[] file = Forms[random.Next(Forms.Length)];
        // A zip's checksums would catch nearly every change: let half of the changes be inside, with new checksums.
        bool inside = file is [(byte)'P', (byte)'K', ..] && random.Next(2) == 0;
        return inside ? Rezip(file, random) : Change(file, random);
    }

    public void Read(string path)
    {
        using var weights = StateDict.Read(path);
        foreach (WeightTensor tensor in weights.Values)
            tensor.Read();
        if (Architecture.Of(weights) is { } known)
            throw new InvalidOperationException($"taken for a whole {known}");
    }

    private static byte[] Rezip(byte[] file, Random random)
    {
        using var source = new ZipArchive(new MemoryStream(file));
        var changed = new MemoryStream();
        ZipArchiveEntry victim = random.Next(4) == 0
            ? source.Entries[random.Next(source.Entries.Count)]
            : source.Entries.First(static entry => entry.Name == "data.pkl");
        using (var target = new ZipArchive(changed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                var bytes = new byte[entry.Length];
                using (Stream record = entry.Open())
                    record.ReadExactly(bytes);
                using Stream copy = target.CreateEntry(entry.FullName).Open();
                copy.Write(entry == victim ? Change(bytes, random) : bytes);
            }
        }
        return changed.ToArray();
    }

    // A pickle's opcodes, thrown in, make another program of it.
    private static byte[] Change(byte[] bytes, Random random)
    {
        byte[] changed = Mutator.Change(bytes, random, Forms[random.Next(Forms.Length)]);
        if (random.Next(2) == 0 && changed.Length > 0)
            changed[random.Next(changed.Length)] = Opcodes[random.Next(Opcodes.Length)];
        return changed;
    }

    private static byte[][] Originals()
    {
        using var golden = JsonDocument.Parse(typeof(WeightFiles).Assembly.GetManifestResourceStream("weights.json")!);
        return [.. golden.RootElement.EnumerateObject().Select(form => form.Value.GetProperty("file").GetBytesFromBase64())];
    }
}
