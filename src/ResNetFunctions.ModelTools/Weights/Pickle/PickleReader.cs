using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights.Pickle;

/// <summary>Reads a pickle's operands. Lengths are checked against the bytes that are left.</summary>
internal sealed class PickleReader(Stream stream, long budget)
{
    /// <summary>More than any number in a weights file; the stream format's magic number has 10.</summary>
    private const int MaxIntegerBytes = 16;

    private const int MaxLine = 4096;

    private readonly byte[] _number = new byte[8];
    private long _left = budget;

    public byte Byte()
    {
        Spend(1);
        int value = stream.ReadByte();
        return value >= 0 ? (byte)value : throw new EndOfStreamException();
    }

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Number(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Number(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Number(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Number(8));

    public double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Number(8));

    public string Text(long length) => Encoding.UTF8.GetString(Bytes(length));

    public byte[] Bytes(long length)
    {
        Spend(length);
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Two's complement; a <see cref="long"/> if it fits.</summary>
    public object Integer(long length)
    {
        if (length > MaxIntegerBytes)
            throw new InvalidModelException("The pickle holds an integer that is too large.");
        return Narrow(new BigInteger(Bytes(length)));
    }

    /// <summary>Protocol 0 writes booleans as 00 and 01.</summary>
    public object DecimalInteger(bool booleans)
    {
        string line = Line().TrimEnd('L');
        if (booleans && line is "00" or "01")
            return line == "01";
        return line.Length <= 40
            && BigInteger.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger n)
                ? Narrow(n)
                : throw new InvalidModelException("The pickle holds a malformed integer.");
    }

    public double DecimalFloat() =>
        double.TryParse(Line(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new InvalidModelException("The pickle holds a malformed number.");

    public string Line()
    {
        var line = new StringBuilder();
        for (byte b = Byte(); b != '\n'; b = Byte())
        {
            if (line.Length == MaxLine)
                throw new InvalidModelException("The pickle holds a name that is too long.");
            line.Append((char)b);
        }

        return line.ToString();
    }

    private static object Narrow(BigInteger n)
    {
        object boxed = n;
        if (n >= long.MinValue && n <= long.MaxValue)
            boxed = (long)n;
        return boxed;
    }

    private ReadOnlySpan<byte> Number(int size)
    {
        Spend(size);
        Span<byte> bytes = _number.AsSpan(0, size);
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void Spend(long bytes)
    {
        if (bytes < 0 || bytes > _left)
            throw new EndOfStreamException();
        _left -= bytes;
    }
}
