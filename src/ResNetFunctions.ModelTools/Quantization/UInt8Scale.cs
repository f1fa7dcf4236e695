namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>How a uint8 q stands for a real number: (q - <paramref name="ZeroPoint"/>) * <paramref name="Scale"/>.
/// Zero is always represented exactly: padding and what a ReLU cuts off are zeros.</summary>
internal readonly record struct UInt8Scale(float Scale, byte ZeroPoint)
{
    /// <summary>The finest one that reaches from low to high, both widened to include 0.</summary>
    public static UInt8Scale Over(double low, double high)
    {
        low = Math.Min(low, 0);
        high = Math.Max(high, 0);
        float scale = (float)((high - low) / byte.MaxValue);
        return float.IsNormal(scale)
            ? new UInt8Scale(scale, (byte)Math.Clamp(Math.Round(-low / scale), 0, byte.MaxValue))
            : new UInt8Scale(1, 0);
    }

    /// <summary>The lowest number it can stand for.</summary>
    public double Low => -ZeroPoint * (double)Scale;

    /// <summary>The highest number it can stand for.</summary>
    public double High => (byte.MaxValue - ZeroPoint) * (double)Scale;

    /// <summary>The nearest uint8, ties to even, as ONNX's QuantizeLinear rounds.</summary>
    public byte Quantize(float value) =>
        (byte)Math.Clamp(MathF.Round(value / Scale) + ZeroPoint, byte.MinValue, byte.MaxValue);

    /// <summary>The number that a uint8 stands for.</summary>
    public float Dequantize(byte value) => (value - ZeroPoint) * Scale;
}
