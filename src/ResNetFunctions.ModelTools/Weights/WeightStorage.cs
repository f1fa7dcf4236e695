using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>A run of elements in a weights file; tensors are views of it. Nothing is read until it is asked for.</summary>
internal abstract class WeightStorage(long bytes)
{
    /// <summary>Its length in bytes, checked against the file.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on; both lie within the storage.</summary>
    public abstract void Read(long offset, Span<byte> destination);
}

/// <summary>A storage that stands in the file as it is: the stream format, safetensors.</summary>
internal sealed class FileStorage(SafeFileHandle file, long bytes) : WeightStorage(bytes)
{
    /// <summary>Where in the file it begins; negative until that is known.</summary>
    public long Position { get; set; } = -1;

    public override void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(file, destination, Position + offset);
            if (read == 0)
                throw new EndOfStreamException();
            destination = destination[read..];
            offset += read;
        }
    }
}

/// <summary>A storage that is a record of a zip archive, proven by its CRC-32.</summary>
internal sealed class ZipStorage(ZipArchiveEntry entry) : WeightStorage(entry.Length)
{
    private byte[]? _shared;

    public override void Read(long offset, Span<byte> destination)
    {
        if (offset == 0 && destination.Length == Bytes)
        {
            ReadWhole(destination);
            return;
        }

        // Several tensors share the record: a zip record has no random access, so it is kept.
        if (_shared is null)
        {
            byte[] whole = GC.AllocateUninitializedArray<byte>(checked((int)Bytes));
            ReadWhole(whole);
            _shared = whole;
        }

        _shared.AsSpan(checked((int)offset), destination.Length).CopyTo(destination);
    }

    private void ReadWhole(Span<byte> destination)
    {
        using (Stream record = entry.Open())
            record.ReadExactly(destination);
        // PyTorch can be told to leave the checksum out; it then writes 0.
        if (entry.Crc32 != 0 && Crc32.HashToUInt32(destination) != entry.Crc32)
            throw new InvalidModelException($"The record '{entry.Name}' is damaged: its checksum is not the one stored.");
    }
}
