using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Tests.Api.Blobs;

public sealed class WorkRuleTests
{
    private static readonly ModelIdentity Trained = new("m", "user", true, "new");
    private static readonly ModelIdentity Untrained = new("m", "generated", false, "gen");

    [Theory]
    [InlineData("classified", false)]
    [InlineData("rejected", false)]
    [InlineData("failed", false)]
    [InlineData("pending", true)]
    public void Needs_ResultOfThisVersion_OnlyWhatIsPending(string status, bool needs) =>
        Assert.Equal(needs, default(WorkRule).Needs(Result(status, "old", true), "1", Trained));

    [Fact]
    public void Needs_NoResultOrAnotherVersions_Always()
    {
        Assert.True(default(WorkRule).Needs(null, "1", Trained));
        Assert.True(default(WorkRule).Needs(Result("rejected", null, false), "2", Trained));
    }

    [Fact]
    public void Needs_UntrainedResult_OnlyWhereATrainedModelIsLoaded()
    {
        Assert.True(default(WorkRule).Needs(Result("classified", "gen", false), "1", Trained));
        Assert.False(default(WorkRule).Needs(Result("classified", "gen", false), "1", Untrained));
        Assert.False(default(WorkRule).Needs(Result("classified", "old", true), "1", Untrained));
    }

    [Fact]
    public void Needs_Reclassify_WhatAnotherModelAnsweredAndWhatWasRejected()
    {
        var rule = new WorkRule(Reclassify: true);

        Assert.True(rule.Needs(Result("classified", "old", true), "1", Trained));
        Assert.False(rule.Needs(Result("classified", "new", true), "1", Trained));
        Assert.True(rule.Needs(Result("rejected", null, false), "1", Trained));
        Assert.False(rule.Needs(Result("failed", null, false), "1", Trained));
    }

    [Fact]
    public void Needs_Failed_WhatWasGivenUp() =>
        Assert.True(new WorkRule(Failed: true).Needs(Result("failed", null, false), "1", Trained));

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        ResultMetadata metadata = Result("pending", "sha", true) with { Attempts = 3 };

        Assert.Equal(metadata, ResultMetadata.Read(metadata.Write()));
        Assert.Null(ResultMetadata.Read(new Dictionary<string, string> { ["owner"] = "me" }));
        Assert.All(metadata.Write(), entry => Assert.True(entry.Key.Concat(entry.Value).All(char.IsAscii)));
    }

    private static ResultMetadata Result(string status, string? model, bool trained) => new("images", "1", status, model, trained);
}
