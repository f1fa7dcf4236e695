using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.Tests.ModelTools.Onnx;

/// <summary>Images by formula: the twin of <c>image</c> in tests/reference/formula.py.</summary>
internal static class Formula
{
    private const int Side = 224;
    private const double Weight = 0.75;

    public static float[] Image(int index)
    {
        var value = new double[3 * Side * Side];
        foreach (int level in (int[])[5, 4, 3, 2])
        {
            uint key = SeededTensor.Key($"image{index}.{level}", seed: 0);
            for (int i = 0; i < value.Length; i++)
            {
                int c = i / (Side * Side), y = i / Side % Side, x = i % Side;
                int cell = (((c * 1024) + (y >> level)) * 1024) + (x >> level);
                value[i] += Weight * SeededTensor.Unit(key, (uint)cell);
            }
        }

        return Array.ConvertAll(value, static v => (float)v);
    }
}
