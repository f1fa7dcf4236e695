using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Weights;
using ResNetFunctions.Tests.Inference;

namespace ResNetFunctions.Tests.ModelTools.Weights;

public class HostileWeightsTests
{
    private static readonly (string, byte[]) SixteenBytes = ("data/0", new byte[16]);

    [Theory]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch", "load")]
    [InlineData("torch.FloatStorage", "from_file")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    public void Read_UnknownGlobal_IsNamedAndNotRun(string module, string name)
    {
        byte[] pickle = new PickleBuilder().Global(module, name).Op('(').Text("touch /tmp/owned").Op('t').Op('R').Stop();
        AssertRefused(PickleBuilder.Zip(pickle), $"The pickle names {module}.{name}, which weights do not need");
    }

    [Fact]
    public void Read_GlobalWithControlCharacters_IsShownWithoutThem()
    {
        byte[] pickle = new PickleBuilder().Global("os\u001b[31m", new string('x', 2000)).Stop();
        string message = AssertRefused(PickleBuilder.Zip(pickle), "The pickle names os??31m.xxx");
        Assert.True(message.Length < 400);
        Assert.DoesNotContain('\u001b', message);
    }

    [Theory]
    [InlineData(4, 0, new long[] { -1 }, new long[] { 1 }, "negative")]
    [InlineData(4, 0, new long[] { 2 }, new long[] { -1 }, "negative")]
    [InlineData(4, -1, new long[] { 2 }, new long[] { 1 }, "no way that PyTorch")]
    [InlineData(-4, 0, new long[] { 2 }, new long[] { 1 }, "no way that PyTorch")]
    [InlineData(4, 0, new long[] { 5 }, new long[] { 1 }, "beyond the end of its storage")]
    [InlineData(4, 3, new long[] { 2 }, new long[] { 1 }, "beyond the end of its storage")]
    [InlineData(4, long.MaxValue, new long[] { 2 }, new long[] { 1 }, "beyond the end of its storage")]
    [InlineData(4, 0, new long[] { 2 }, new long[] { long.MaxValue }, "beyond the end of its storage")]
    [InlineData(4, 0, new long[] { 1L << 32, 1L << 32 }, new long[] { 1, 1 }, "too many elements")]
    [InlineData(4, 0, new long[] { 1 << 16, 1 << 16 }, new long[] { 0, 0 }, "too many elements")]
    [InlineData(4, 0, new long[] { 1 << 15, 1 << 15 }, new long[] { 0, 0 }, "they overlap")]
    [InlineData(4, 0, new long[] { 3, 3 }, new long[] { 1, 0 }, "they overlap")]
    [InlineData(4, 0, new long[] { 2 }, new long[] { 1, 1 }, "1 dimensions and 2 strides")]
    [InlineData(4, 0, new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, "9 dimensions")]
    [InlineData(5, 0, new long[] { 2 }, new long[] { 1 }, "shorter than the pickle says")]
    [InlineData(long.MaxValue, 0, new long[] { 2 }, new long[] { 1 }, "shorter than the pickle says")]
    public void Read_TensorThatDoesNotFit_IsRefused(long storage, long offset, long[] size, long[] stride, string reason)
    {
        byte[] pickle = new PickleBuilder().StateDict(storage, offset, size, stride).Stop();
        AssertRefused(PickleBuilder.Zip(pickle, records: SixteenBytes), reason);
    }

    [Fact]
    public void Read_StorageOutsideTheArchive_IsRefused()
    {
        byte[] pickle = new PickleBuilder().StateDict(4, 0, [4], [1], key: "../../etc/passwd").Stop();
        AssertRefused(PickleBuilder.Zip(pickle, records: SixteenBytes), "no storage");
    }

    [Fact]
    public void Read_ZipBomb_IsRefusedByWhatItDeclares()
    {
        const int length = 64 << 20;
        byte[] pickle = new PickleBuilder().StateDict(length / 4, 0, [length / 4], [1]).Stop();
        byte[] bomb = PickleBuilder.Zip(pickle, CompressionLevel.SmallestSize, ("data/0", new byte[length]));
        Assert.True(bomb.Length < 1 << 20);
        AssertRefused(bomb, "unpacks to more than 16 times");
    }

    [Fact]
    public void Read_PickleBomb_IsRefusedByWhatItDeclares()
    {
        byte[] bomb = PickleBuilder.Zip(new byte[64 << 20], CompressionLevel.SmallestSize);
        AssertRefused(bomb, "too large");
    }

    [Fact]
    public void Read_RecordLongerThanItDeclares_ReadsNoMoreThanThat()
    {
        byte[] pickle = new PickleBuilder().StateDict(4, 0, [4], [1]).Stop();
        byte[] zip = PickleBuilder.Zip(pickle, CompressionLevel.SmallestSize, ("data/0", new byte[4000]));
        Overwrite(zip, BitConverter.GetBytes(4000), BitConverter.GetBytes(16));
        using var file = new TemporaryFile(zip);
        using var weights = Open(file);
        Assert.ThrowsAny<InvalidModelException>(() => weights?["weight"].Read());
    }

    [Fact]
    public void Read_ListThatHoldsItself_IsNoStateDict()
    {
        byte[] pickle = new PickleBuilder().Op(']').Op('q', 0).Op('h', 0).Op('a').Stop();
        AssertRefused(PickleBuilder.Zip(pickle), "no state_dict");
    }

    [Fact]
    public void Read_DictThatHoldsItself_IsRefused()
    {
        byte[] pickle = new PickleBuilder().Op('}').Op('q', 0).Text("state_dict").Op('h', 0).Op('s').Stop();
        AssertRefused(PickleBuilder.Zip(pickle), "is not a tensor");
    }

    [Fact]
    public void Read_TuplesNestedAMillionDeep_NeedNoStack()
    {
        PickleBuilder pickle = new PickleBuilder().Op('N');
        for (int i = 0; i < 1_000_000; i++)
            pickle.Op(0x85);
        AssertRefused(PickleBuilder.Zip(pickle.Stop()), "no state_dict");
    }

    [Fact]
    public void Read_ManyDictionariesOfOneLongList_AreNotCopied()
    {
        PickleBuilder pickle = new PickleBuilder().Op(']').Op('q', 0).Op('(');
        for (int i = 0; i < 500_000; i++)
            pickle.Op('N');
        pickle.Op('e').Global("collections", "OrderedDict").Op('q', 1);
        for (int i = 0; i < 500_000; i++)
            pickle.Op('h', 1).Op('h', 0).Op(0x85).Op('R').Op('0');
        byte[] zip = PickleBuilder.Zip(pickle.Op('N').Stop());
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(zip, "no state_dict");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 << 20);
    }

    [Theory]
    [InlineData("h\u0007.", "never described")]
    [InlineData("t.", "more objects off its stack")]
    [InlineData("(0.", "more objects off its stack")]
    [InlineData("NNa.", "not a list")]
    [InlineData("NNNs.", "not a dictionary")]
    [InlineData("]Nb.", "plain data")]
    [InlineData("NNR.", "not a name")]
    [InlineData("V", "opcode 0x56")]
    [InlineData("L123\n.", "no state_dict")]
    [InlineData("Lx\n.", "malformed integer")]
    [InlineData("I1\n", "cut off")]
    public void Read_MalformedPickle_SaysHow(string pickle, string reason) =>
        AssertRefused(PickleBuilder.Zip(Encoding.Latin1.GetBytes(pickle)), reason);

    [Fact]
    public void Read_TextLongerThanThePickle_AllocatesNothing()
    {
        byte[] pickle = new PickleBuilder().Op('X', 0xff, 0xff, 0xff, 0x7f).Stop();
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(PickleBuilder.Zip(pickle), "cut off");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Read_TorchScript_SaysWhatToSave()
    {
        byte[] zip = PickleBuilder.Zip(new PickleBuilder().Op('N').Stop(), records: ("constants.pkl", [(byte)'N', (byte)'.']));
        AssertRefused(zip, "TorchScript");
    }

    [Fact]
    public void Read_WholeModule_SaysWhatToSave()
    {
        byte[] pickle = new PickleBuilder().Global("torchvision.models.resnet", "ResNet").Op(')').Op(0x81).Stop();
        AssertRefused(PickleBuilder.Zip(pickle), "torch.save(model.state_dict(), file)");
    }

    [Fact]
    public void Read_NumberThatIsNotFinite_NamesTheTensor()
    {
        byte[] pickle = new PickleBuilder().StateDict(4, 0, [4], [1]).Stop();
        byte[] numbers = new byte[16];
        BinaryPrimitives.WriteSingleLittleEndian(numbers.AsSpan(8), float.NaN);
        using var file = new TemporaryFile(PickleBuilder.Zip(pickle, records: ("data/0", numbers)));
        using var weights = StateDict.Read(file.Path);
        Assert.Contains("weight", Assert.Throws<InvalidModelException>(() => weights["weight"].Read()).Message);
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,17]}}", "beyond the end of the file")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[8,4]}}", "beyond the end of the file")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[-8,8]}}", "beyond the end of the file")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,16]}}", "beyond the end of its storage")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,16]}}", "negative")]
    [InlineData("{\"a\":{\"dtype\":\"C64\",\"shape\":[2],\"data_offsets\":[0,16]}}", "of a type")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":4,\"data_offsets\":[0,16]}}", "not one of safetensors")]
    [InlineData("{\"a\":[]}", "not one of safetensors")]
    [InlineData("{\"a\"", "not one of safetensors")]
    public void Read_HostileSafetensors_IsRefused(string header, string reason)
    {
        byte[] file = [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[16]];
        AssertRefused(file, reason);
    }

    [Theory]
    [InlineData(long.MaxValue, "too large")]
    [InlineData(-1, "too large")]
    [InlineData(1000, "cut off")]
    public void Read_SafetensorsHeaderLengthThatLies_IsRefused(long length, string reason) =>
        AssertRefused([.. BitConverter.GetBytes(length), .. "{}"u8], reason);

    private static string AssertRefused(byte[] bytes, string reason)
    {
        using var file = new TemporaryFile(bytes);
        var error = Assert.Throws<InvalidModelException>(() => StateDict.Read(file.Path));
        Assert.StartsWith("weights.pth: ", error.Message);
        Assert.Contains(reason, error.Message);
        return error.Message;
    }

    private static StateDict? Open(TemporaryFile file)
    {
        try
        {
            return StateDict.Read(file.Path);
        }
        catch (InvalidModelException)
        {
            return null;
        }
    }

    private static void Overwrite(byte[] bytes, byte[] what, byte[] with)
    {
        int at;
        while ((at = bytes.AsSpan().IndexOf(what)) >= 0)
            with.CopyTo(bytes, at);
    }
}
