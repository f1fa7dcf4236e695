using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>torch.save's format before PyTorch 1.6: pickles of a magic number, a version, facts of the machine, the object
/// and the keys of its storages; then each storage, with its number of elements in front.</summary>
internal static class TorchStream
{
    private const long ProtocolVersion = 1001;

    private static readonly BigInteger MagicNumber = BigInteger.Parse(
        "001950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    public static object? Read(FileStream file)
    {
        var storages = new Dictionary<string, Declared>();
        WeightStorage Declare(string key, long elements, int elementSize)
        {
            if (elements > file.Length / elementSize)
                throw new InvalidModelException($"The storage '{NameInFile.Shown(key)}' is longer than the file.");
            if (!storages.TryGetValue(key, out Declared? known))
            {
                var storage = new FileStorage(file.SafeFileHandle, elements * elementSize);
                storages[key] = known = new Declared(storage, elements, elementSize);
            }

            return known.Elements == elements && known.ElementSize == elementSize
                ? known.Storage
                : throw new InvalidModelException($"The pickle gives the storage '{NameInFile.Shown(key)}' two lengths.");
        }

        // Storages are little-endian whatever machine wrote them.
        var pickle = new TorchPickle(bigEndian: false, Declare);
        if (pickle.Read(file) is not BigInteger magic || magic != MagicNumber)
            throw new InvalidModelException("The file is a pickle, but not one of torch.save.");
        if (pickle.Read(file) is not ProtocolVersion)
            throw new InvalidModelException("The file is of an unknown version of torch.save's stream format.");
        pickle.Read(file);
        object? saved = pickle.Read(file);
        if (pickle.Read(file) is not List<object?> keys)
            throw new InvalidModelException("The file has no list of its storages.");
        foreach (object? key in keys)
            Place(storages, key as string ?? "", file);
        foreach ((string key, Declared declared) in storages)
        {
            if (declared.Storage.Position < 0)
                throw new InvalidModelException($"The file has no storage '{NameInFile.Shown(key)}', which its pickle names.");
        }

        return saved;
    }

    /// <summary>Records where a storage is, and skips to the next.</summary>
    private static void Place(Dictionary<string, Declared> storages, string key, FileStream file)
    {
        if (!storages.TryGetValue(key, out Declared? declared) || declared.Storage.Position >= 0)
            throw new InvalidModelException("The file lists a storage that its pickle does not name, or lists it twice.");
        Span<byte> elements = stackalloc byte[sizeof(long)];
        file.ReadExactly(elements);
        if (BinaryPrimitives.ReadInt64LittleEndian(elements) != declared.Elements)
            throw new InvalidModelException($"The storage '{NameInFile.Shown(key)}' is not as long as the pickle says.");
        declared.Storage.Position = file.Position;
        if (file.Length - file.Position < declared.Storage.Bytes)
            throw new EndOfStreamException();
        file.Seek(declared.Storage.Bytes, SeekOrigin.Current);
    }

    private sealed record Declared(FileStorage Storage, long Elements, int ElementSize);
}
