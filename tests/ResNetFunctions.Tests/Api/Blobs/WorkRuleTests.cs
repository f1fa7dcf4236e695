using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Tests.Api.Blobs;

public sealed class WorkRuleTests
{
    private static readonly ModelIdentity Model = new("m", "user", "new");

    [Theory]
    [InlineData("classified", false)]
    [InlineData("rejected", false)]
    [InlineData("failed", false)]
    [InlineData("pending", true)]
    public void Needs_ResultOfThisVersion_OnlyWhatIsPending(string status, bool needs) =>
        Assert.Equal(needs, default(WorkRule).Needs(Result(status, "old"), "1", Model));

    [Fact]
    public void Needs_NoResultOrAnotherVersions_Always()
    {
        Assert.True(default(WorkRule).Needs(null, "1", Model));
        Assert.True(default(WorkRule).Needs(Result("rejected", null), "2", Model));
    }

    [Fact]
    public void Needs_Reclassify_WhatAnotherModelAnsweredAndWhatWasRejected()
    {
        var rule = new WorkRule(Reclassify: true);

        Assert.True(rule.Needs(Result("classified", "old"), "1", Model));
        Assert.False(rule.Needs(Result("classified", "new"), "1", Model));
        Assert.True(rule.Needs(Result("rejected", null), "1", Model));
        Assert.False(rule.Needs(Result("failed", null), "1", Model));
    }

    [Fact]
    public void Needs_Failed_WhatWasGivenUp() =>
        Assert.True(new WorkRule(Failed: true).Needs(Result("failed", null), "1", Model));

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        ResultMetadata metadata = Result("pending", "sha") with { Attempts = 3 };

        Assert.Equal(metadata, ResultMetadata.Read(metadata.Write()));
        Assert.Null(ResultMetadata.Read(new Dictionary<string, string> { ["owner"] = "me" }));
        Assert.All(metadata.Write(), entry => Assert.True(entry.Key.Concat(entry.Value).All(char.IsAscii)));
    }

    private static ResultMetadata Result(string status, string? model) => new("images", "1", status, model);
}
