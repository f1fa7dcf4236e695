namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>How a uint8 q stands for a number: (q - <paramref name="ZeroPoint"/>) * <paramref name="Scale"/>. Zero is always
/// exact, for padding and after a ReLU.</summary>
internal readonly record struct UInt8Scale(float Scale, byte ZeroPoint)
{
    /// <summary>The finest scale from low to high, both widened to include 0.</summary>
    public static UInt8Scale Over(double low, double high)
    {
        low = Math.Min(low, 0);
        high = Math.Max(high, 0);
        float scale = (float)((high - low) / byte.MaxValue);
        return float.IsNormal(scale)
            ? new UInt8Scale(scale, (byte)Math.Clamp(Math.Round(-low / scale), 0, byte.MaxValue))
            : new UInt8Scale(1, 0);
    }

    public double Low => -ZeroPoint * (double)Scale;

    public double High => (byte.MaxValue - ZeroPoint) * (double)Scale;

    /// <summary>Ties to even, as ONNX's QuantizeLinear.</summary>
    public byte Quantize(float value) =>
        (byte)Math.Clamp(MathF.Round(value / Scale) + ZeroPoint, byte.MinValue, byte.MaxValue);

    public float Dequantize(byte value) => (value - ZeroPoint) * Scale;
}
