using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Tests.Inference.Models;

public sealed class LabelsTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "models");

    [Fact]
    public void ImageNet_InChinese_NamesTheSameThousandClasses()
    {
        Labels english = Labels.Read(Path.Combine(Folder, "imagenet-1k.tsv"), Path.Combine(Folder, Labels.ChineseFile("imagenet-1k.tsv")));
        Labels chinese = english.Chinese;

        Assert.Equal(1000, chinese.Count);
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(english[i].Category, chinese[i].Category);
            if (english[i].Label != "iPod") // A name that is the same in both.
                Assert.Contains(chinese[i].Label, character => character is >= '\u4E00' and <= '\u9FFF');
        }
        // The words that are easily taken for others.
        Assert.Equal(("crane", "鹤"), (english[134].Label, chinese[134].Label));
        Assert.Contains("起重机", chinese[517].Label);
        Assert.Contains("钉", chinese[677].Label);
        Assert.DoesNotContain("指甲", chinese[677].Label);
    }

    [Theory]
    [InlineData("zh", "红")]
    [InlineData("en", "red")]
    [InlineData(null, "red")]
    public async Task Language_Asked_IsTheLabels(string? language, string label)
    {
        using var models = new ModelsFolder();
        models.AddTiny("tiny");
        await File.WriteAllTextAsync(models.PathOf("tiny.zh.tsv"), "# 颜色\n0\tr\t红\n1\tg\t绿\n2\tb\t蓝\n", Cancelled);

        Assert.Equal(label, await LabelAsync(models, language));
    }

    [Fact]
    public async Task Language_ThatAModelHasNoNamesIn_IsItsOwn()
    {
        using var models = new ModelsFolder();
        models.AddTiny("tiny");

        Assert.Equal("red", await LabelAsync(models, "zh"));
    }

    [Theory]
    [InlineData("0\tr\t红\n1\tg\t绿\n")]
    [InlineData("0\tr\t红\n1\tb\t蓝\n2\tg\t绿\n")]
    public async Task Names_OfOtherClasses_AreRefusedToWhoeverAsksForThem(string file)
    {
        using var models = new ModelsFolder();
        models.AddTiny("tiny");
        await File.WriteAllTextAsync(models.PathOf("tiny.zh.tsv"), file, Cancelled);

        Assert.Equal("red", await LabelAsync(models, "en"));
        var e = await Assert.ThrowsAsync<UnavailableException>(() => LabelAsync(models, "zh"));
        Assert.Contains("tiny.zh.tsv", e.Message);
    }

    [Fact]
    public async Task Language_ThatNobodySpeaks_IsRefused()
    {
        using var models = new ModelsFolder();
        models.AddTiny("tiny");

        await Assert.ThrowsAsync<RejectedException>(() => LabelAsync(models, "fr"));
        Assert.NotEmpty(new ClassifierOptions { Language = "fr" }.Validate());
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<string> LabelAsync(ModelsFolder models, string? language)
    {
        using var classifier = new Classifier(models.Options("tiny"));
        Classification result = await classifier.ClassifyAsync(TestImages.Plain(255, 0, 0), new Question { Language = language }, Cancelled);
        return result.Predictions[0].Label;
    }
}
