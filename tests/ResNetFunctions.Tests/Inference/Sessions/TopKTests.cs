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
}
