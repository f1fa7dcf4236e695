using System.IO.Compression;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>torch.save's format since PyTorch 1.6: a zip archive of a pickle and a record for each storage.</summary>
internal static class TorchZip
{
    /// <summary>Trained weights hardly compress; more than this is a zip bomb.</summary>
    private const long MaxExpansion = 16;

    /// <summary>The saved object; its tensors are read on demand.</summary>
    public static object? Read(FileStream file)
    {
        // Not disposed: the tensors need it, and it owns only the file.
        var archive = new ZipArchive(file, ZipArchiveMode.Read);
        ZipArchiveEntry pickle = archive.Entries.FirstOrDefault(static e => e.Name == "data.pkl")
            ?? throw new InvalidModelException("The file is a zip archive without a data.pkl: torch.save did not write it.");
        string root = pickle.FullName[..^pickle.Name.Length];
        if (archive.GetEntry(root + "constants.pkl") is not null)
        {
            throw new InvalidModelException(
                "The file is a TorchScript program. Save its weights instead: torch.save(model.state_dict(), file).");
        }

        long budget = (MaxExpansion * file.Length) + (1 << 20);
        var storages = new Dictionary<string, ZipStorage>();
        WeightStorage Open(string key, long elements, int elementSize)
        {
            if (!storages.TryGetValue(key, out ZipStorage? storage))
            {
                ZipArchiveEntry entry = archive.GetEntry($"{root}data/{key}")
                    ?? throw new InvalidModelException($"The file has no storage '{NameInFile.Shown(key)}', which its pickle names.");
                if ((budget -= entry.Length) < 0)
                    throw new InvalidModelException($"The file unpacks to more than {MaxExpansion} times its length.");
                storages[key] = storage = new ZipStorage(entry);
            }

            return elements <= storage.Bytes / elementSize
                ? storage
                : throw new InvalidModelException($"The storage '{NameInFile.Shown(key)}' is shorter than the pickle says.");
        }

        using Stream unpacked = Unpack(pickle);
        return new TorchPickle(IsBigEndian(archive, root), Open).Read(unpacked);
    }

    /// <summary>Numbers have the byte order of the machine that wrote them; big-endian is rare and always marked.</summary>
    private static bool IsBigEndian(ZipArchive archive, string root)
    {
        if (archive.GetEntry(root + "byteorder") is not { Length: 3 } entry)
            return false;
        var order = new byte[3];
        new ZipStorage(entry).Read(0, order);
        return order.AsSpan().SequenceEqual("big"u8);
    }

    private static MemoryStream Unpack(ZipArchiveEntry pickle)
    {
        if (pickle.Length > TorchPickle.MaxBytes)
            throw new InvalidModelException("The file's pickle is too large for one that describes weights.");
        var bytes = new byte[pickle.Length];
        new ZipStorage(pickle).Read(0, bytes);
        return new MemoryStream(bytes);
    }
}
