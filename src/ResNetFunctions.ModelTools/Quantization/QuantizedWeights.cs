namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>A layer's weights in int8, symmetric, with a scale for each output channel.</summary>
/// <remarks>Without VNNI, x86 kernels multiply uint8 by int8 with VPMADDUBSW, which adds two products in 16 bits and
/// saturates: 255 * (127 + 127) does not fit. Halving all weights would cost each a bit. Here only the sum of two neighbours
/// is limited, |a + b| &lt;= 128, which few pairs reach: 255 * 128 fits, nothing saturates, and every processor gives the
/// same sums.</remarks>
internal sealed class QuantizedWeights
{
    private const int Largest = 127;

    // 255 * 128 = 32640 and -32640 fit 16 bits; 255 * 129 does not.
    private const int LargestPair = short.MaxValue / byte.MaxValue;

    // From a third below the scale that just holds the largest weight to twice that scale, at which no pair is over the
    // limit.
    private const int FirstStep = 21, LastStep = 64, StepsOfWhole = 32;

    private QuantizedWeights(sbyte[] values, float[] scales)
    {
        Values = values;
        Scales = scales;
    }

    /// <summary>In the order of the float weights.</summary>
    public sbyte[] Values { get; }

    /// <summary>One for each output channel.</summary>
    public float[] Scales { get; }

    /// <summary>Finds the scale of each channel that changes the layer's output least. The squared error of a weight counts
    /// as much as the mean square of its input.</summary>
    /// <param name="weights">[output channels, input channels of a group, kernel height * width].</param>
    /// <param name="shape">Those three lengths.</param>
    /// <param name="energies">The mean square of each input channel of all groups.</param>
    /// <param name="smallestScales">A lower bound for each scale.</param>
    public static QuantizedWeights Of(float[] weights, LayerShape shape, double[] energies, double[] smallestScales)
    {
        sbyte[] values = new sbyte[weights.Length];
        float[] scales = new float[shape.Outputs];
        Parallel.For(0, shape.Outputs, channel =>
        {
            int first = channel * shape.PerOutput;
            int[] order = shape.KernelOrder();
            ReadOnlySpan<float> own = weights.AsSpan(first, shape.PerOutput);
            float[] sorted = new float[own.Length];
            double[] energy = new double[own.Length];
            for (int k = 0; k < sorted.Length; k++)
            {
                sorted[k] = own[order[k]];
                energy[k] = energies[shape.InputOf(channel, order[k])];
            }
            scales[channel] = Search(sorted, energy, smallestScales[channel], paired: shape.Inputs > 1, out sbyte[] best);
            for (int k = 0; k < sorted.Length; k++)
                values[first + order[k]] = best[k];
        });
        return new QuantizedWeights(values, scales);
    }

    private static float Search(float[] weights, double[] energies, double smallest, bool paired, out sbyte[] best)
    {
        double whole = weights.Max(Math.Abs) / Largest;
        best = new sbyte[weights.Length];
        if (!float.IsNormal((float)whole))
            return (float)Math.Max(smallest, 1);

        sbyte[] tried = new sbyte[weights.Length];
        double least = double.PositiveInfinity;
        float found = 0;
        for (int step = FirstStep; step <= LastStep; step++)
        {
            float scale = (float)Math.Max(smallest, whole * step / StepsOfWhole);
            double error = Round(weights, energies, scale, paired, tried);
            if (error >= least)
                continue;
            (least, found) = (error, scale);
            (best, tried) = (tried, best);
        }
        return found;
    }

    /// <summary>Rounds the weights in the kernels' order, and returns the error.</summary>
    private static double Round(float[] weights, double[] energies, float scale, bool paired, sbyte[] rounded)
    {
        double error = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            rounded[k] = (sbyte)Math.Clamp(MathF.Round(weights[k] / scale), -Largest, Largest);
            if (paired && k % 2 == 1)
                Limit(ref rounded[k - 1], ref rounded[k]);
        }
        for (int k = 0; k < weights.Length; k++)
        {
            double off = weights[k] - (rounded[k] * (double)scale);
            error += off * off * energies[k];
        }
        return error;
    }

    // The nearest pair within the limit: both change by half.
    private static void Limit(ref sbyte a, ref sbyte b)
    {
        int over = Math.Abs(a + b) - LargestPair;
        if (over <= 0)
            return;
        int sign = Math.Sign(a + b);
        a -= (sbyte)(sign * (over / 2));
        b -= (sbyte)(sign * (over - (over / 2)));
    }
}

/// <param name="Outputs">Output channels.</param>
/// <param name="Inputs">Input channels of one group.</param>
/// <param name="Kernel">Kernel height times width.</param>
/// <param name="Groups">Groups of channels.</param>
internal readonly record struct LayerShape(int Outputs, int Inputs, int Kernel, int Groups)
{
    public int PerOutput => Inputs * Kernel;

    /// <summary>The input channel, of all groups, of one of an output channel's weights.</summary>
    public int InputOf(int output, int weight) => (output / (Outputs / Groups) * Inputs) + (weight / Kernel);

    /// <summary>An output channel's weights in the order in which ONNX Runtime multiplies them: channels
    /// innermost.</summary>
    public int[] KernelOrder()
    {
        int[] order = new int[PerOutput];
        for (int k = 0; k < order.Length; k++)
            order[k] = (k % Inputs * Kernel) + (k / Inputs);
        return order;
    }
}
