using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Tests.Inference.Sessions;

public sealed class TopKTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(1000, 5)]
    [InlineData(1000, 1000)]
    public void Select_AnyScores_EqualsAFullSort(int count, int k)
    {
        var random = new Random(count + k);
        float[] scores = [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(count / 2 + 1))];

        int[] top = new int[k];
        TopK.Select(scores, top);

        Assert.Equal(Enumerable.Range(0, count).OrderByDescending(i => scores[i]).ThenBy(i => i).Take(k), top);
    }

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
