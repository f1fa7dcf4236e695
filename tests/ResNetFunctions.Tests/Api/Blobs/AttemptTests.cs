using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Tests.Api.Blobs;

/// <summary>Five attempts, as the documents say.</summary>
public sealed class AttemptTests
{
    [Theory]
    [InlineData(1, false, false)]
    [InlineData(4, false, false)]
    [InlineData(5, true, false)]
    [InlineData(6, false, true)]
    public void Number_UpToTheFifth_IsATry(int number, bool isLast, bool isOver)
    {
        var attempt = new Attempt("e", number);

        Assert.Equal((isLast, isOver), (attempt.IsLast, attempt.IsOver));
    }

    [Theory]
    [InlineData(3, 4, false)]
    [InlineData(4, 5, false)]
    [InlineData(5, 6, true)]
    public void Next_AfterCountedAttempts_CountsThemToo(int counted, int number, bool isOver)
    {
        var pending = new ResultMetadata("images", "e", ResultMetadata.Pending, null, counted);

        var attempt = Attempt.Next(1, pending, "e");

        Assert.Equal((number, isOver), (attempt.Number, attempt.IsOver));
    }

    [Fact]
    public void Texts_OfTriesAndTheirEnd_NameFive()
    {
        Assert.Equal("Attempt 2 of 5 has started and not succeeded yet.", new Attempt("e", 2).Started().Error!.Detail);
        Assert.Equal("All 5 attempts failed; during the last one the process ended.", Attempt.Failed(null).Error!.Detail);
    }
}
