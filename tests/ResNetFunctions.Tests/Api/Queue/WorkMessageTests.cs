using System.Text;
using ResNetFunctions.Api.Queue;

namespace ResNetFunctions.Tests.Api.Queue;

public sealed class WorkMessageTests
{
    private static readonly WorkMessage Empty = new() { Container = "images", Walk = "w", Found = DateTimeOffset.UnixEpoch };

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        WorkMessage message = Empty with { Images = ["a.png", "Grüße 50% #1?\u0001\"\\.png", "猫.png"], Failed = true, Attempts = 3 };

        WorkMessage read = WorkMessage.Read(message.Write())!;

        Assert.Equal(message with { V = 1, Images = read.Images }, read);
        Assert.Equal(message.Images, read.Images);
    }

    [Fact]
    public void Write_NameBeyondAscii_IsNotEscaped() =>
        Assert.Contains("猫.png", (Empty with { Images = ["猫.png"] }).Write(), StringComparison.Ordinal);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(32, 1)]
    [InlineData(33, 2)]
    [InlineData(100, 4)]
    public void Pack_ShortNames_AreThirtyTwoAMessage(int images, int messages)
    {
        string[] names = [.. Enumerable.Range(0, images).Select(i => $"{i}.png")];

        WorkMessage[] packed = [.. Empty.Pack(names)];

        Assert.Equal(messages, packed.Length);
        Assert.Equal(names, packed.SelectMany(message => message.Images));
        Assert.All(packed, message => Assert.Equal("w", message.Walk));
    }

    // A storage queue accepts 64 KiB of base64.
    [Theory]
    [InlineData('a')]
    [InlineData('猫')]
    [InlineData('\u0001')]
    public void Pack_LongestNames_FitAMessage(char letter)
    {
        string[] names = [.. Enumerable.Range(0, 64).Select(i => $"{i:D4}{new string(letter, 1020)}")];

        WorkMessage[] packed = [.. Empty.Pack(names)];

        Assert.Equal(names, packed.SelectMany(message => message.Images));
        Assert.All(packed, message => Assert.InRange(Convert.ToBase64String(Encoding.UTF8.GetBytes(message.Write())).Length, 1, 64 * 1024));
        Assert.All(packed, message => Assert.NotNull(WorkMessage.Read(message.Write())));
    }

    [Fact]
    public void Read_ThirtyThreeImages_IsNothing() =>
        Assert.Null(WorkMessage.Read((Empty with { Images = [.. Enumerable.Range(0, 33).Select(i => $"{i}")] }).Write()));
}
