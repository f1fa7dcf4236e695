using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

public class HistogramTests
{
    private static readonly float[] Small = Numbers(1, 1000, 0.01f), Large = Numbers(2, 1000, 50);

    [Fact]
    public void Add_NumbersBeyondItsReach_LosesNone()
    {
        Histogram histogram = Of(Small, Large);
        Assert.Equal(2000, histogram.Counts.Sum());
        Assert.Equal((Large.Min(), Large.Max(), 32), (histogram.Min, histogram.Max, histogram.Reach));
    }

    [Fact]
    public void Add_InAnyOrderOrFromParts_IsTheSame()
    {
        long[] expected = Of(Large, Small).Counts;
        Assert.Equal(expected, Of(Small, Large).Counts);
        Histogram sum = Of(Small);
        sum.Add(Of(Large));
        Assert.Equal(expected, sum.Counts);
        sum = Of(Large);
        sum.Add(Of(Small));
        Assert.Equal(expected, sum.Counts);
    }

    [Fact]
    public void Add_Numbers_FallInTheBinsAroundThem()
    {
        Histogram histogram = Of([-0.75f, 0, 1f]);
        int[] filled = [.. Enumerable.Range(0, 2 * Histogram.Side).Where(bin => histogram.Counts[bin] > 0)];
        Assert.Equal(2, filled.Length);
        Assert.InRange(histogram.Centre(filled[0]), -0.7505, -0.7495);
        Assert.InRange(histogram.Centre(filled[1]), 0.999, 1);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Add_WhatIsNotFinite_Throws(float value) =>
        Assert.Throws<InvalidModelException>(() => Of([1, value]));

    private static Histogram Of(params float[][] parts)
    {
        var histogram = new Histogram();
        foreach (float[] part in parts)
            histogram.Add(part);
        return histogram;
    }

    private static float[] Numbers(int seed, int count, float scale)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.4f) * scale)];
    }
}
