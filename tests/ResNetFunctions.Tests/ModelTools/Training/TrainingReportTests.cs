using ResNetFunctions.ModelTools.Training;

namespace ResNetFunctions.Tests.ModelTools.Training;

public sealed class TrainingReportTests
{
    // 4 of a (3 right), 2 of b (1 right), 1 of c (none right).
    private static readonly TrainingReport Report = new(
        ["a", "b", "c"],
        [.. Enumerable.Range(0, 7).Select(i => new Photo($"photo{i}", "", [], null))],
        [
            new(0, 0, 0.9f, 0.9f), new(0, 0, 0.8f, 0.8f), new(0, 0, 0.6f, 0.6f), new(0, 1, 0.7f, 0.2f),
            new(1, 1, 0.9f, 0.9f), new(1, 0, 0.95f, 0.05f), new(2, 0, 0.5f, 0.1f),
        ]);

    [Fact]
    public void Confusion_CountsRealAgainstAnswered() => Assert.Equal(new[,] { { 3, 1, 0 }, { 1, 1, 0 }, { 1, 0, 0 } }, Report.Confusion);

    [Fact]
    public void Top1_IsTheShareOfRightOnes() => Assert.Equal(100.0 * 4 / 7, Report.Top1, 1e-9);

    [Theory]
    [InlineData(0, 4, 60.0, 75.0)]
    [InlineData(1, 2, 50.0, 50.0)]
    [InlineData(2, 1, null, 0.0)]
    public void PrecisionAndRecall_OfEachClass_AreByTheirDefinitions(int c, int photos, double? precision, double recall) =>
        Assert.Equal((photos, precision, recall), (Report.PhotosOf(c), Report.PrecisionOf(c), Report.RecallOf(c)));

    [Fact]
    public void Worst_IsWhereTheRealClassHadTheLeast() => Assert.Equal(
        [new WrongPhoto("photo5", "b", "a", 0.95f), new WrongPhoto("photo6", "c", "a", 0.5f), new WrongPhoto("photo3", "a", "b", 0.7f)], Report.Worst);
}
