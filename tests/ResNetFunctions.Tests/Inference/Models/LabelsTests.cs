using ResNetFunctions.Imaging;
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
        Classification result = await classifier.ClassifyAsync(TestImages.Plain(255, 0, 0), new ClassifyParameters { Language = language }, Cancelled);
        return result.Predictions[0].Label;
    }

    [Theory]
    [InlineData("left\nright\n", "left|right")]
    [InlineData("left turn\r\n\r\n  right turn \r\n", "left turn|right turn")]
    [InlineData("0 left\n1 right turn\n", "left|right turn")]
    [InlineData("0: left\n1: right\n", "left|right")]
    [InlineData("7 up\n0 cola\n", "7 up|0 cola")]
    [InlineData("0 left\n2 right\n", "0 left|2 right")]
    [InlineData("#1 fan\nother\n", "#1 fan|other")]
    [InlineData("# a table\n0\tn01\tleft\n1\t\tright\n", "n01:left|right")]
    [InlineData("""["left", "right"]""", "left|right")]
    [InlineData("""{"1": "right", "0": "left"}""", "left|right")]
    [InlineData("""{"0": ["n01", "left"], "1": ["n02", "right"]}""", "n01:left|n02:right")]
    [InlineData("""{"model_type": "resnet", "id2label": {"0": "left", "1": "right"}, "label2id": {"left": 0}}""", "left|right")]
    [InlineData("""{"tfjsVersion": "1.3.1", "labels": ["left", "right"]}""", "left|right")]
    public void Parse_EachForm_GivesTheClassesInOrder(string text, string expected)
    {
        Labels labels = Labels.Parse("labels.txt", text);

        Assert.Equal(expected, Shown(labels));
        Assert.Equal(expected, Shown(Labels.Parse("labels.tsv", labels.ToTable())));
    }

    [Fact]
    public void Read_FileWithAByteOrderMark_BeginsWithItsFirstLabel()
    {
        using var file = new TemporaryFile([0xEF, 0xBB, 0xBF, .. "猫\n狗\n"u8], "labels.txt");

        Assert.Equal("猫|狗", Shown(Labels.Read(file.Path)));
    }

    [Theory]
    [InlineData("""{"0": "left", "2": "right"}""", "labels.json: the JSON is neither a list of labels nor an object with a label for each index from 0.")]
    [InlineData("""[1, 2]""", "labels.json: the JSON is neither")]
    [InlineData("""["left", """, "labels.json: the JSON is not well-formed: ")]
    [InlineData("0\tn01\tleft\n2\tn02\tright\n", "labels.json: after class 0 comes '2\tn02\tright', and not '1', a category and a label")]
    public void Parse_AnotherForm_SaysWhatItIsNot(string text, string why) =>
        Assert.StartsWith(why, Assert.Throws<InvalidModelException>(() => Labels.Parse("labels.json", text)).Message, StringComparison.Ordinal);

    private static string Shown(Labels labels) => string.Join('|', Enumerable.Range(0, labels.Count).Select(i =>
        labels[i] is (string category, string label) ? $"{category}:{label}" : labels[i].Label));
}
