using System.IO.Compression;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>A run of elements in a weights file, read on demand; tensors are views of it.</summary>
internal abstract class WeightStorage(long bytes)
{
    /// <summary>Checked against the file's length.</summary>
    public long Bytes { get; } = bytes;

    public abstract void Read(long offset, Span<byte> destination);
}

/// <summary>An uncompressed storage: the stream format, safetensors.</summary>
internal sealed class FileStorage(SafeFileHandle file, long bytes) : WeightStorage(bytes)
{
    /// <summary>Where it begins in the file; negative until known.</summary>
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

/// <summary>A storage in a zip archive, checked by its CRC-32.</summary>
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

        // A zip record has no random access, so it is kept for the tensors that share it.
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
        // PyTorch can omit the checksum; it then writes 0.
        if (entry.Crc32 != 0 && Crc32.HashToUInt32(destination) != entry.Crc32)
            throw new InvalidModelException($"The record '{entry.Name}' is damaged: its checksum is not the one stored.");
    }
}
