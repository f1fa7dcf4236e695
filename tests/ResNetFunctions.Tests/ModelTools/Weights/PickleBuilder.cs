using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ResNetFunctions.Tests.ModelTools.Weights;

/// <summary>Writes pickles opcode by opcode, such as no pickler would, and zip archives around them.</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _out = [];

    public PickleBuilder Op(params ReadOnlySpan<byte> bytes)
    {
        _out.AddRange(bytes);
        return this;
    }

    public PickleBuilder Op(char opcode, params ReadOnlySpan<byte> operand) => Op([(byte)opcode, .. operand]);

    public PickleBuilder Global(string module, string name) => Op('c').Raw($"{module}\n{name}\n");

    public PickleBuilder Text(string text)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, Encoding.UTF8.GetByteCount(text));
        return Op('X').Op(length).Raw(text);
    }

    /// <summary>LONG1 of eight bytes.</summary>
    public PickleBuilder Int(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Op(0x8a, 8).Op(bytes);
    }

    public PickleBuilder Tuple(params ReadOnlySpan<long> items)
    {
        Op('(');
        foreach (long item in items)
            Int(item);
        return Op('t');
    }

    /// <summary>A state_dict of one tensor of the storage '0', which has so many float32.</summary>
    public PickleBuilder StateDict(long storage, long offset, long[] size, long[] stride, string key = "0") =>
        Op('}').Text("weight").Tensor(storage, offset, size, stride, key).Op('s');

    public PickleBuilder Tensor(long storage, long offset, long[] size, long[] stride, string key = "0") =>
        Global("torch._utils", "_rebuild_tensor_v2")
            .Op('(')
            .Op('(').Text("storage").Global("torch", "FloatStorage").Text(key).Text("cpu").Int(storage).Op('t').Op('Q')
            .Int(offset).Tuple(size).Tuple(stride).Op(0x89).Op('N')
            .Op('t').Op('R');

    public PickleBuilder Raw(string text) => Op(Encoding.UTF8.GetBytes(text));

    public byte[] Stop() => [.. Op('.')._out];

    /// <summary>A zip archive as torch.save writes it.</summary>
    public static byte[] Zip(
        byte[] pickle, CompressionLevel level = CompressionLevel.NoCompression, params (string Name, byte[] Bytes)[] records)
    {
        var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in records.Prepend(("data.pkl", pickle)))
            {
                using Stream entry = archive.CreateEntry("archive/" + name, level).Open();
                entry.Write(bytes);
            }
        }

        return file.ToArray();
    }
}
