using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Onnx;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools;

/// <summary>Makes the bundled model (models/resnet18-mlnet.json): a ResNet that Microsoft trained with CNTK, from a NuGet
/// package, and a last layer fitted by this project. Its body is torchvision's ResNet with blocks 2-2-2-3, so it is
/// converted like any state_dict.</summary>
public static class BundledModel
{
    private const long BodyBytes = 63_653_533, HeadBytes = 1_028_256;
    private const string BodySha256 = "e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f";
    private const string HeadSha256 = "67c281ec6150b7188c9eca784b60025d82f4c67e5fe770244e918d67872e5910";

    /// <summary>Joins body and last layer, runs the result once, and writes it.</summary>
    /// <param name="body">The package's ResNet18.onnx.</param>
    /// <param name="head">models/resnet18-mlnet.head.safetensors: fc.weight [1000, 512] and fc.bias [1000].</param>
    /// <param name="onnx">The graph to write.</param>
    /// <exception cref="InvalidModelException">A file is not the expected one.</exception>
    public static void Make(string body, string head, string onnx)
    {
        Verify(body, BodyBytes, BodySha256);
        Verify(head, HeadBytes, HeadSha256);
        using StateDict lastLayer = StateDict.Read(head);
        var weights = new StateDict([.. BodyOf(OnnxFile.Parse(File.ReadAllBytes(body)).Graph), .. lastLayer.Values]);
        ModelProto model = Onnx.Architecture.Build("resnet", weights);
        OnnxCheck.Run(model, classes: 1000);
        OnnxFile.Write(model, onnx, new Dictionary<string, string> { [ModelStore.WeightsShaKey] = Sha256Of(body, head) });
    }

    private static string Sha256Of(params ReadOnlySpan<string> files)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
            sha256.AppendData(File.ReadAllBytes(file));
        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    private static void Verify(string path, long bytes, string sha256)
    {
        string name = Path.GetFileName(path);
        if (!File.Exists(path))
            throw new InvalidModelException($"{path} is not there: `dotnet restore` fetches the package that has it.");
        long length = new FileInfo(path).Length;
        if (length != bytes)
            throw new InvalidModelException($"{name} has {length:N0} bytes, and not {bytes:N0}: it is damaged or another file.");
        string actual = ModelStore.Sha256(path);
        if (actual != sha256)
            throw new InvalidModelException($"{name} is damaged or another file: its SHA-256 is {actual}, and not {sha256}.");
    }

    /// <summary>The convolutions and BatchNorms by torchvision's names. In the graph's order the shortcut of a block, if
    /// any, comes before its two other convolutions, and begins a stage.</summary>
    private static IEnumerable<WeightTensor> BodyOf(GraphProto graph)
    {
        Dictionary<string, TensorProto> tensors = graph.Initializer.ToDictionary(static tensor => tensor.Name);
        Dictionary<string, NodeProto> norms = graph.Node
            .Where(static node => node.OpType == "BatchNormalization").ToDictionary(static node => node.Input[0]);
        (int stage, int block, int inBlock) = (1, 0, 0);
        foreach ((int index, NodeProto conv) in graph.Node.Where(static node => node.OpType == "Conv").Index())
        {
            TensorProto weight = tensors[conv.Input[1]];
            (string Conv, string Norm) name;
            if (index == 0)
            {
                name = ("conv1", "bn1");
            }
            else if (weight.Dims[2] == 1)
            {
                (stage, block, inBlock) = (stage + 1, 0, 0);
                name = ($"layer{stage}.0.downsample.0", $"layer{stage}.0.downsample.1");
            }
            else
            {
                name = ($"layer{stage}.{block}.conv{inBlock + 1}", $"layer{stage}.{block}.bn{inBlock + 1}");
                (block, inBlock) = inBlock == 0 ? (block, 1) : (block + 1, 0);
            }

            NodeProto norm = norms[conv.Output[0]];
            yield return Tensor(name.Conv + ".weight", weight);
            yield return Tensor(name.Norm + ".weight", tensors[norm.Input[1]]);
            yield return Tensor(name.Norm + ".bias", tensors[norm.Input[2]]);
            yield return Tensor(name.Norm + ".running_mean", tensors[norm.Input[3]]);
            yield return Tensor(name.Norm + ".running_var", tensors[norm.Input[4]]);
        }
    }

    private static WeightTensor Tensor(string name, TensorProto tensor) => new(
        name, [.. tensor.Dims.Select(static d => (int)d)],
        () => tensor.HasRawData ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData]);
}
