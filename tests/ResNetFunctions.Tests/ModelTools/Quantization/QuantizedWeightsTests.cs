using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

public class QuantizedWeightsTests
{
    /// <summary>Output channels, input channels of a group, kernel, groups.</summary>
    public static TheoryData<int, int, int, int> Shapes => new()
    {
        { 8, 16, 9, 1 }, { 8, 3, 49, 1 }, { 6, 4, 9, 2 }, { 5, 7, 1, 1 }, { 16, 1, 9, 16 }, { 3, 512, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Of_AnyWeights_NoTwoNeighboursOverflow(int outputs, int inputs, int kernel, int groups)
    {
        var shape = new LayerShape(outputs, inputs, kernel, groups);
        // All alike: the worst that there can be.
        QuantizedWeights quantized = Quantize(shape, _ => 1);
        Assert.All(PairsOf(quantized, shape), static sum => Assert.InRange(sum * 255, short.MinValue, short.MaxValue));
        Assert.All(quantized.Values.Index(), value => Assert.InRange(
            value.Item * quantized.Scales[value.Index / shape.PerOutput], 0.98f, 1.02f));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Of_RandomWeights_ComeBackWithinAStep(int outputs, int inputs, int kernel, int groups)
    {
        var shape = new LayerShape(outputs, inputs, kernel, groups);
        var random = new Random(1);
        float[] weights = [.. Enumerable.Range(0, shape.Outputs * shape.PerOutput).Select(_ => random.NextSingle() - 0.5f)];
        QuantizedWeights quantized = Quantize(shape, i => weights[i]);

        Assert.All(PairsOf(quantized, shape), static sum => Assert.InRange(sum, -128, 128));
        double error = 0, energy = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            error += Math.Pow(weights[i] - (quantized.Values[i] * quantized.Scales[i / shape.PerOutput]), 2);
            energy += weights[i] * weights[i];
        }
        Assert.InRange(10 * Math.Log10(energy / error), 38, 60);
    }

    [Fact]
    public void Of_ChannelsOfOtherSizes_HasAScaleForEach()
    {
        QuantizedWeights quantized = Quantize(new(2, 1, 9, 2), static i => i < 9 ? 127 : 0.127f);
        Assert.InRange(quantized.Scales[0] / quantized.Scales[1], 999, 1001);
    }

    [Fact]
    public void Of_ChannelOfZeros_IsZeros()
    {
        QuantizedWeights quantized = Quantize(new(1, 4, 1, 1), static _ => 0);
        Assert.All(quantized.Values, static value => Assert.Equal(0, value));
        Assert.True(float.IsNormal(quantized.Scales[0]));
    }

    // A large weight that hardly anything is multiplied with gives way to the small ones that count.
    [Theory]
    [InlineData(1e-9, 0, 0.9)]
    [InlineData(1e9, 0.99, 1.01)]
    public void Of_LargestWeight_KeepsItsSizeAsFarAsItCounts(double energy, double least, double most)
    {
        var random = new Random(1);
        float[] weights = [1, .. Enumerable.Range(0, 31).Select(_ => random.NextSingle() * 0.05f)];
        QuantizedWeights quantized = QuantizedWeights.Of(
            weights, new LayerShape(1, 32, 1, 1), [energy, .. Enumerable.Repeat(1.0, 31)], [0]);
        Assert.InRange(quantized.Values[0] * quantized.Scales[0], least, most);
    }

    [Fact]
    public void KernelOrder_ThreeChannels_HasThemInnermost() =>
        Assert.Equal([0, 2, 4, 1, 3, 5], new LayerShape(1, 3, 2, 1).KernelOrder());

    [Fact]
    public void InputOf_SecondGroup_IsPastTheFirst() =>
        Assert.Equal([4, 4, 5, 5], Enumerable.Range(0, 4).Select(weight => new LayerShape(6, 4, 2, 2).InputOf(3, weight)));

    private static QuantizedWeights Quantize(LayerShape shape, Func<int, float> weight) => QuantizedWeights.Of(
        [.. Enumerable.Range(0, shape.Outputs * shape.PerOutput).Select(weight)], shape,
        [.. Enumerable.Repeat(1.0, shape.Inputs * shape.Groups)], new double[shape.Outputs]);

    private static IEnumerable<int> PairsOf(QuantizedWeights weights, LayerShape shape)
    {
        int[] order = shape.KernelOrder();
        if (shape.Inputs == 1)
            yield break;
        for (int channel = 0; channel < shape.Outputs; channel++)
        {
            sbyte[] own = [.. order.Select(k => weights.Values[(channel * shape.PerOutput) + k])];
            for (int k = 1; k < own.Length; k += 2)
                yield return own[k - 1] + own[k];
        }
    }
}
