using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

public class RangeSearchTests
{
    private static readonly float[] Uniform = [.. Enumerable.Range(-5000, 15_000).Select(static i => i / 10_000f)];

    [Fact]
    public void Find_EvenlySpreadNumbers_KeepsThemAll()
    {
        UInt8Scale scale = Find(Bounds.None, Uniform);
        Assert.InRange(scale.Low, -0.51, -0.49);
        Assert.InRange(scale.High, 0.99, 1.01);
    }

    [Fact]
    public void Find_OneOutlierAmongMany_CutsItOff() =>
        Assert.InRange(Find(Bounds.None, [.. Enumerable.Repeat(Uniform, 100), [3f]]).High, 0.9, 2);

    [Fact]
    public void Find_NumbersThatNobodyTellsApart_DoNotWidenTheRange()
    {
        UInt8Scale scale = Find(new Bounds(0, 0.6), Uniform);
        Assert.Equal(0, scale.ZeroPoint);
        Assert.InRange(scale.High, 0.58, 0.6001);
    }

    [Fact]
    public void Find_Zeros_HasAScale() => Assert.Equal(new UInt8Scale(1, 0), Find(Bounds.None, [0f, 0f]));

    // Of all ranges, tried out on the numbers themselves.
    [Fact]
    public void Find_NormalNumbers_CostsHardlyMoreThanTheBestRange()
    {
        var random = new Random(3);
        float[] numbers = [.. Enumerable.Range(0, 20_000).Select(_ => (float)(
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        double best = Enumerable.Range(20, 60).Min(reach => Error(UInt8Scale.Over(-reach / 16.0, reach / 16.0), numbers));
        Assert.InRange(Error(Find(Bounds.None, numbers), numbers), 0, 1.05 * best);
    }

    private static double Error(UInt8Scale scale, float[] numbers) =>
        numbers.Sum(number => Math.Pow(number - scale.Dequantize(scale.Quantize(number)), 2));

    private static UInt8Scale Find(Bounds bounds, params float[][] parts)
    {
        var histogram = new Histogram();
        foreach (float[] part in parts)
            histogram.Add(part);
        return RangeSearch.Find(histogram, bounds);
    }
}
