using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.Tests.ModelTools.Onnx;

/// <summary>A converted model in its own session.</summary>
internal sealed class Network : IDisposable
{
    private readonly InferenceSession _session;

    public Network(ModelProto model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 2 };
        _session = new InferenceSession(model.ToByteArray(), options);
    }

    /// <summary>The logits of a batch of [3, 224, 224] tensors, one after another.</summary>
    public float[] Run(float[] tensors)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(tensors, [tensors.Length / (3 * 224 * 224), 3, 224, 224]);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> output =
            _session.Run(run, [GraphBuilder.InputName], [input], [GraphBuilder.OutputName]);
        return output[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose() => _session.Dispose();
}
