using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Tests.ModelTools.Quantization;

public class UInt8ScaleTests
{
    [Theory]
    [InlineData(0, 255, 1, 0)]
    [InlineData(-128, 127, 1, 128)]
    [InlineData(-255, 0, 1, 255)]
    [InlineData(0, 6, 6f / 255, 0)]
    [InlineData(2, 5.1, 0.02f, 0)]
    [InlineData(-5.1, -2, 0.02f, 255)]
    [InlineData(0, 0, 1, 0)]
    [InlineData(0, 1e-45, 1, 0)]
    public void Over_ARange_HasItsScaleAndZeroPoint(double low, double high, float scale, byte zeroPoint) =>
        Assert.Equal(new UInt8Scale(scale, zeroPoint), UInt8Scale.Over(low, high));

    [Theory]
    [InlineData(-2.118, 2.64)]
    [InlineData(-0.3, 17)]
    [InlineData(0, 1)]
    public void Quantize_NumbersInRange_ComeBackWithinHalfAStep(double low, double high)
    {
        UInt8Scale scale = UInt8Scale.Over(low, high);
        for (double value = scale.Low; value <= scale.High; value += (high - low) / 1000)
            Assert.InRange(scale.Dequantize(scale.Quantize((float)value)) - value, -0.501 * scale.Scale, 0.501 * scale.Scale);
        Assert.Equal(0, scale.Dequantize(scale.Quantize(0)));
    }

    [Fact]
    public void Quantize_NumbersOutOfRange_Saturate()
    {
        UInt8Scale scale = UInt8Scale.Over(-1, 1);
        Assert.Equal(0, scale.Quantize(-100));
        Assert.Equal(255, scale.Quantize(100));
    }

    [Theory]
    [InlineData(0.5f, 0)]
    [InlineData(1.5f, 2)]
    [InlineData(2.5f, 2)]
    public void Quantize_Ties_RoundToEven(float value, byte rounded) =>
        Assert.Equal(rounded, new UInt8Scale(1, 0).Quantize(value));
}
