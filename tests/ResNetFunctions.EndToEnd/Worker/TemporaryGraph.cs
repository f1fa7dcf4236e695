using ResNetFunctions.ModelTools;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>A ResNet-18's weights as the graph that a service loads, gone when it is disposed.</summary>
internal sealed class TemporaryGraph : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("resnet-graph-");

    public TemporaryGraph(string weights) => GraphConverter.Convert(weights, "resnet18", Path);

    public string Path => System.IO.Path.Combine(_folder.FullName, "resnet18.onnx");

    public void Dispose() => _folder.Delete(recursive: true);
}
