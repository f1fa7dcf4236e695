using System.Runtime.InteropServices;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>The type of numbers in a weights file.</summary>
internal enum ElementType
{
    Float32,
    Float16,
    BFloat16,
    Float64,
    Int64,
    Int32,
    Int16,
    Int8,
    UInt8,
    Bool,
}

internal static class ElementTypes
{
    /// <summary>In bytes.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Float64 or ElementType.Int64 => 8,
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 => 2,
        _ => 1,
    };

    /// <summary>Big-endian to little-endian, in place.</summary>
    public static void ReverseEndianness(this ElementType type, Span<byte> elements)
    {
        int size = type.Size();
        if (size == 1)
            return;
        for (int at = 0; at < elements.Length; at += size)
            elements.Slice(at, size).Reverse();
    }

    /// <summary>Converts little-endian elements, rounded to nearest.</summary>
    public static void ToFloat32(this ElementType type, ReadOnlySpan<byte> elements, Span<float> values)
    {
        switch (type)
        {
            case ElementType.Float32:
                MemoryMarshal.Cast<byte, float>(elements).CopyTo(values);
                break;
            case ElementType.Float16:
                Convert<Half>(elements, values, static x => (float)x);
                break;
            case ElementType.BFloat16:
                Convert<ushort>(elements, values, static x => BitConverter.UInt32BitsToSingle((uint)x << 16));
                break;
            case ElementType.Float64:
                Convert<double>(elements, values, static x => (float)x);
                break;
            case ElementType.Int64:
                Convert<long>(elements, values, static x => x);
                break;
            case ElementType.Int32:
                Convert<int>(elements, values, static x => x);
                break;
            case ElementType.Int16:
                Convert<short>(elements, values, static x => x);
                break;
            case ElementType.Int8:
                Convert<sbyte>(elements, values, static x => x);
                break;
            default:
                Convert<byte>(elements, values, static x => x);
                break;
        }
    }

    private static void Convert<T>(ReadOnlySpan<byte> elements, Span<float> values, Func<T, float> convert)
        where T : unmanaged
    {
        ReadOnlySpan<T> source = MemoryMarshal.Cast<byte, T>(elements);
        for (int i = 0; i < source.Length; i++)
            values[i] = convert(source[i]);
    }
}
