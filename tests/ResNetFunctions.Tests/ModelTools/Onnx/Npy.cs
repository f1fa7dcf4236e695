using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace ResNetFunctions.Tests.ModelTools.Onnx;

/// <summary>Reads a two-dimensional float32 array of NumPy's.</summary>
internal static partial class Npy
{
    public static float[][] Rows(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int headerLength = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8));
        string header = System.Text.Encoding.ASCII.GetString(file, 10, headerLength);
        Assert.Contains("'<f4'", header);
        int columns = int.Parse(Shape().Match(header).Groups[2].Value, null);
        float[] values = MemoryMarshal.Cast<byte, float>(file.AsSpan(10 + headerLength)).ToArray();
        return [.. values.Chunk(columns)];
    }

    [GeneratedRegex(@"\((\d+), (\d+)\)")]
    private static partial Regex Shape();
}
