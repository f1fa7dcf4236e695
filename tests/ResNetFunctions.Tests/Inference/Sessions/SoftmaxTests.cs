using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Tests.Inference.Sessions;

public sealed class SoftmaxTests
{
    [Fact]
    public void InPlace_LargeLogits_DoesNotOverflow()
    {
        float[] logits = [1000, 1001, -1000];

        Assert.True(Softmax.InPlace(logits));

        Assert.Equal(1 / (1 + Math.E), logits[0], 1e-6);
        Assert.Equal(1, logits.Sum(), 1e-6);
    }

    [Fact]
    public void InPlace_NotANumber_IsRefused() => Assert.False(Softmax.InPlace([0, float.NaN]));
}
