using System.IO.Hashing;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.Tests.Inference;

namespace ResNetFunctions.Tests.ModelTools.Onnx;

public class OnnxFileTests
{
    [Fact]
    public void Write_Metadata_IsWhatOnnxRuntimeReads()
    {
        using var file = new TemporaryFile("an older model"u8, "model.onnx");
        var metadata = new Dictionary<string, string> { ["weights_sha256"] = "f37072fd", ["origin"] = "généré" };
        OnnxFile.Write(SmallModel(), file.Path, metadata);
        using var session = new InferenceSession(file.Path);
        Assert.Equal(metadata, session.ModelMetadata.CustomMetadataMap);
        Assert.Equal("ResNetFunctions", session.ModelMetadata.ProducerName);
        Assert.Equal([-1, 3, 224, 224], session.InputMetadata["input"].Dimensions);
        Assert.Equal([-1, 1000], session.OutputMetadata["logits"].Dimensions);
    }

    [Fact]
    public void Write_WholeModel_IsAGraphAndItsWeightsAndNothingElse()
    {
        using var file = new TemporaryFile([], "model.onnx");
        OnnxFile.Write(SmallModel(), file.Path, new Dictionary<string, string>());
        OnnxFile.Write(SmallModel(seed: 1), file.Path, new Dictionary<string, string>()); // whose weights replace the first ones
        Assert.InRange(new FileInfo(file.Path).Length, 1, 1 << 17);
        string data = Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(file.Path)!).Except([file.Path]));
        string hash = Convert.ToHexStringLower(XxHash128.Hash(File.ReadAllBytes(data)));
        Assert.Equal($"model.{hash[..16]}.data", Path.GetFileName(data));
    }

    [Fact]
    public void Read_ExternalWeights_GivesTheModelThatWasWritten()
    {
        using var file = new TemporaryFile([], "model.onnx");
        OnnxFile.Write(SmallModel(), file.Path, new Dictionary<string, string>());
        Assert.Equal(SmallModel().Graph, OnnxFile.Read(file.Path).Graph);
    }

    [Theory]
    [InlineData("../model.data")]
    [InlineData("/etc/passwd")]
    [InlineData("nothing.data")]
    public void Read_ExternalWeightsElsewhere_AreRefused(string location)
    {
        using var file = new TemporaryFile([], "model.onnx");
        OnnxFile.Write(SmallModel(), file.Path, new Dictionary<string, string>());
        ModelProto model = OnnxFile.Parse(File.ReadAllBytes(file.Path));
        model.Graph.Initializer.SelectMany(tensor => tensor.ExternalData).First(entry => entry.Key == "location").Value = location;
        File.WriteAllBytes(file.Path, model.ToByteArray());
        Assert.Throws<InvalidModelException>(() => OnnxFile.Read(file.Path));
    }

    [Fact]
    public void Write_PlaceThatIsAFolder_LeavesNothing()
    {
        using var file = new TemporaryFile([], "other");
        string taken = Directory.CreateDirectory(file.Path + ".onnx").FullName;
        Assert.ThrowsAny<Exception>(() => OnnxFile.Write(SmallModel(), taken, new Dictionary<string, string>()));
        Assert.Equal(2, Directory.GetFileSystemEntries(Path.GetDirectoryName(file.Path)!).Length);
    }

    // Weights are read one by one while they are written, and the last may be damaged.
    [Fact]
    public void Write_InitializerThatFails_LeavesTheModelThatWasThere()
    {
        using var file = new TemporaryFile([], "model.onnx");
        OnnxFile.Write(SmallModel(), file.Path, new Dictionary<string, string>());
        ModelProto other = SmallModel(seed: 1);
        IEnumerable<TensorProto> damaged = other.Graph.Initializer.Index().Select(tensor =>
            tensor.Index < other.Graph.Initializer.Count - 1 ? tensor.Item : throw new InvalidModelException("damaged"));

        Assert.Throws<InvalidModelException>(() => OnnxFile.Write(other, damaged, file.Path, new Dictionary<string, string>()));

        Assert.Equal(SmallModel().Graph, OnnxFile.Read(file.Path).Graph);
        Assert.Equal(2, Directory.GetFileSystemEntries(Path.GetDirectoryName(file.Path)!).Length);
    }

    private static ModelProto SmallModel(int seed = 0) => Architecture.Build("squeezenet1_1", Architecture.Seeded("squeezenet1_1", seed));
}
