using Microsoft.ML.OnnxRuntime;
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
    public void Write_WholeModel_LeavesNothingElseInTheFolder()
    {
        using var file = new TemporaryFile([], "model.onnx");
        OnnxFile.Write(SmallModel(), file.Path, new Dictionary<string, string>());
        Assert.Equal([file.Path], Directory.GetFileSystemEntries(Path.GetDirectoryName(file.Path)!));
    }

    [Fact]
    public void Write_PlaceThatIsAFolder_LeavesNothing()
    {
        using var file = new TemporaryFile([], "other");
        string taken = Directory.CreateDirectory(file.Path + ".onnx").FullName;
        Assert.ThrowsAny<Exception>(() => OnnxFile.Write(SmallModel(), taken, new Dictionary<string, string>()));
        Assert.Equal(2, Directory.GetFileSystemEntries(Path.GetDirectoryName(file.Path)!).Length);
    }

    private static ModelProto SmallModel() => Architecture.Build("squeezenet1_1", Architecture.Seeded("squeezenet1_1"));
}
