using System.Buffers.Binary;
using System.Text.Json;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>The .safetensors format: the header's length, a JSON header, the tensors' bytes.</summary>
internal static class Safetensors
{
    private const int MaxHeader = 4 << 20;

    public static List<WeightTensor> Read(FileStream file)
    {
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        file.ReadExactly(prefix);
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (headerLength is < 0 or > MaxHeader)
            throw new InvalidModelException("The file's header is too large for one that describes weights.");
        if (headerLength > file.Length - file.Position)
            throw new EndOfStreamException();
        var header = new byte[headerLength];
        file.ReadExactly(header);
        try
        {
            using JsonDocument json = JsonDocument.Parse(header);
            return [.. json.RootElement.EnumerateObject()
                .Where(static entry => entry.Name != "__metadata__")
                .Select(entry => View(entry.Value, file, file.Position).Named(entry.Name))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new InvalidModelException("The file's header is not one of safetensors.", e);
        }
    }

    private static TensorView View(JsonElement tensor, FileStream file, long dataStart)
    {
        ElementType type = Type(tensor.GetProperty("dtype").GetString());
        long[] shape = Integers(tensor.GetProperty("shape"));
        if (Integers(tensor.GetProperty("data_offsets")) is not [long begin, long end]
            || begin < 0 || end < begin || end > file.Length - dataStart)
            throw new InvalidModelException("A tensor reaches beyond the end of the file.");
        var storage = new FileStorage(file.SafeFileHandle, end - begin) { Position = dataStart + begin };
        return new TensorView(storage, type, bigEndian: false, 0, shape, TensorView.RowMajor(shape));
    }

    private static long[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(static e => e.GetInt64())];

    private static ElementType Type(string? name) => name switch
    {
        "F32" => ElementType.Float32,
        "F16" => ElementType.Float16,
        "BF16" => ElementType.BFloat16,
        "F64" => ElementType.Float64,
        "I64" => ElementType.Int64,
        "I32" => ElementType.Int32,
        "I16" => ElementType.Int16,
        "I8" => ElementType.Int8,
        "U8" => ElementType.UInt8,
        "BOOL" => ElementType.Bool,
        _ => throw new InvalidModelException("The file has numbers of a type that weights are not made of."),
    };
}
