using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Weights;
using ResNetFunctions.Tests.Inference;

namespace ResNetFunctions.Tests.ModelTools.Weights;

public class StateDictTests
{
    public static TheoryData<string> Forms => [.. WeightFiles.Forms];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Read_EveryFormOfWeights_TensorsArePyTorchs(string form)
    {
        using var file = new TemporaryFile(WeightFiles.Bytes(form));
        using var weights = StateDict.Read(file.Path);
        Assert.Equal(WeightFiles.Tensors(form).Select(static t => t.Name), weights.Keys);
        foreach ((string name, int[] shape, float[] values) in WeightFiles.Tensors(form))
        {
            Assert.Equal(shape, weights[name].Shape);
            Assert.Equal(values, weights[name].Read());
        }
    }

    [Fact]
    public void Read_SameTensorTwice_GivesAnArrayOfItsOwn()
    {
        using var file = new TemporaryFile(WeightFiles.Bytes("zip-views"));
        using var weights = StateDict.Read(file.Path);
        float[] first = weights["offset"].Read();
        Array.Clear(first);
        Assert.NotEqual(first, weights["offset"].Read());
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("text", "The file is neither what torch.save writes nor safetensors.")]
    [InlineData("PK\u0003\u0004 no archive", "The file is damaged.")]
    public void Read_NoWeights_SaysWhatItIsNot(string content, string sentence)
    {
        using var file = new TemporaryFile(System.Text.Encoding.Latin1.GetBytes(content));
        var error = Assert.Throws<InvalidModelException>(() => StateDict.Read(file.Path));
        Assert.Equal("weights.pth: " + sentence, error.Message);
    }

    [Fact]
    public void Read_MissingFile_NamesNoFolder()
    {
        string path = Path.Combine(Path.GetTempPath(), "resnet-no-such-folder", "gone.pth");
        var error = Assert.Throws<InvalidModelException>(() => StateDict.Read(path));
        Assert.Equal("gone.pth: There is no such file.", error.Message);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("stream")]
    [InlineData("safetensors")]
    public void Read_CutOffAnywhere_IsAnErrorAndNeverOtherNumbers(string form)
    {
        byte[] whole = WeightFiles.Bytes(form);
        for (int length = 0; length < whole.Length; length += 7)
        {
            using var file = new TemporaryFile(whole.AsSpan(0, length));
            Assert.Throws<InvalidModelException>(() => StateDict.Read(file.Path));
        }
    }

    [Fact]
    public void Read_DamagedRecord_IsFoundByItsChecksum()
    {
        byte[] bytes = WeightFiles.Bytes("zip");
        float[] weight = WeightFiles.Tensors("zip").First().Values;
        int at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(weight[0]));
        bytes[at] ^= 1;
        using var file = new TemporaryFile(bytes);
        using var weights = StateDict.Read(file.Path);
        var error = Assert.Throws<InvalidModelException>(() => weights["conv.weight"].Read());
        Assert.Contains("damaged", error.Message);
    }
}
