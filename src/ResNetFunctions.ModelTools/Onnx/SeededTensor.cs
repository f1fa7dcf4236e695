using System.Text;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>Numbers from a formula on the tensor's name and the element's index, in integers and correctly rounded
/// operations, so that every language gives the same bits (tests/reference/formula.py).</summary>
internal static class SeededTensor
{
    public static WeightTensor Make(string name, int[] shape, double gain, int seed) =>
        new(name, shape, () => Values(name, shape, gain, (uint)seed));

    public static uint Key(string name, uint seed) => Mix(Fnv1a(name) ^ Mix(seed));

    /// <summary>A number of the sequence, in [-1, 1) in steps of 2^-31.</summary>
    public static double Unit(uint key, uint index) => (Mix(key + index) * (1.0 / (1u << 31))) - 1;

    private static float[] Values(string name, int[] shape, double gain, uint seed)
    {
        int count = shape.Aggregate(1, static (product, d) => product * d);
        int channels = shape[0];
        int perChannel = count / channels;
        (double centre, double reach) = Distribution(name, perChannel, shape.Length, gain);
        uint key = Key(name, seed);

        // Neighbouring input channels get opposite weights. The positive mean of activations after a ReLU then cancels out,
        // which would otherwise make all answers alike.
        int inputs = shape.Length > 1 ? shape[1] : 1;
        bool paired = inputs % 2 == 0;
        int taps = perChannel / inputs;

        float[] values = GC.AllocateUninitializedArray<float>(count);
        for (int i = 0; i < count; i++)
        {
            bool opposite = paired && i / taps % 2 == 1;
            int source = opposite ? i - taps : i;
            double unit = Unit(key, (uint)source);
            values[i] = (float)(centre + (reach * (opposite ? -unit : unit)));
        }

        return values;
    }

    /// <summary>The middle of the range and half its width.</summary>
    private static (double Centre, double Reach) Distribution(string name, int fanIn, int rank, double gain)
    {
        if (rank > 1)
            return (0, Math.Sqrt(9.0 / fanIn));
        return name[(name.LastIndexOf('.') + 1)..] switch
        {
            "weight" => (0.75 * gain, 0.25 * gain),
            "running_var" => (1.0, 0.25),
            _ => (0, 0.1),
        };
    }

    private static uint Fnv1a(string text)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ b) * 16777619;
        return hash;
    }

    /// <summary>A bijection of 32 bits: every output bit depends on every input bit.</summary>
    private static uint Mix(uint x)
    {
        x ^= x >> 16;
        x *= 0x7feb352d;
        x ^= x >> 15;
        x *= 0x846ca68b;
        return x ^ (x >> 16);
    }
}
