using Microsoft.Extensions.Configuration;
using ResNetFunctions.Api.Blobs;

namespace ResNetFunctions.Tests.Api.Blobs;

public sealed class BlobsOptionsTests
{
    [Fact]
    public void Read_NothingSet_IsTheDefaults()
    {
        BlobsOptions options = Read();

        Assert.Empty(options.Validate());
        Assert.Equal("images", options.ImagesContainer);
        Assert.Equal(TriggerSource.EventGrid, options.TriggerSource);
        Assert.Equal("0 0 3 * * *", options.SweepSchedule);
        Assert.Equal(TimeSpan.FromMinutes(10), options.SweepMinimumAge);
        Assert.Equal(("image-work", "image-work-walks", 100_000), (options.WorkQueue, options.WalkQueue, options.WorkQueueLimit));
    }

    [Fact]
    public void Read_EmptySchedule_IsValidAndStaysEmpty()
    {
        BlobsOptions options = Read(("Blobs:SweepSchedule", ""), ("Blobs:TriggerSource", "Polling"));

        Assert.Empty(options.Validate());
        Assert.Equal("", options.SweepSchedule);
        Assert.Equal(TriggerSource.Polling, options.TriggerSource);
    }

    [Theory]
    [InlineData("Blobs:ImagesContainer", "Images")]
    [InlineData("Blobs:ImagesContainer", "")]
    [InlineData("Blobs:ResultsContainer", "images")]
    [InlineData("Blobs:TriggerSource", "Pigeon")]
    [InlineData("Blobs:SweepSchedule", "nightly")]
    [InlineData("Blobs:SweepMinimumAge", "-00:00:01")]
    [InlineData("Blobs:WorkQueue", "")]
    [InlineData("Blobs:WorkQueue", "a--b")]
    [InlineData("Blobs:WorkQueue", "a-name-whose-poison-queue-would-be-too-long-for-azure")]
    [InlineData("Blobs:WorkQueue", "images")]
    [InlineData("Blobs:WorkQueueLimit", "0")]
    [InlineData("Blobs:ImageContainer", "misspelt")]
    public void Validate_Invalid_NamesTheSetting(string key, string value) =>
        Assert.Contains(key.Split(':')[1], Assert.Single(Read((key, value)).Validate()), StringComparison.Ordinal);

    private static BlobsOptions Read(params (string Key, string Value)[] settings) => BlobsOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build());
}
