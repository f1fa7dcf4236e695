using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Runs the float32 network and records its inner tensors.</summary>
internal sealed class Calibration : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly long[] _inputShape;
    private readonly string[] _tensors;

    /// <param name="model">The float32 network.</param>
    /// <param name="plan">Tells which tensors.</param>
    /// <param name="inputShape">The shape of one photo's tensor.</param>
    public Calibration(ModelProto model, QuantizationPlan plan, long[] inputShape)
    {
        _input = model.Graph.Input[0].Name;
        _inputShape = inputShape;
        _tensors = [.. plan.Tensors.Where(tensor => tensor != _input)];
        ModelProto opened = model.Clone();
        foreach (string tensor in _tensors.Except(model.Graph.Output.Select(static output => output.Name)))
        {
            var type = new TypeProto { TensorType = new() { ElemType = (int)TensorProto.Types.DataType.Float } };
            opened.Graph.Output.Add(new ValueInfoProto { Name = tensor, Type = type });
        }
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(opened.ToByteArray(), options);
    }

    public void Run(float[] photo, Dictionary<string, TensorStatistics> statistics)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(photo, _inputShape);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(run, [_input], [input], _tensors);
        Of(statistics, _input).Add(photo, (int)_inputShape[1]);
        for (int i = 0; i < _tensors.Length; i++)
        {
            OrtTensorTypeAndShapeInfo shape = outputs[i].GetTensorTypeAndShape();
            Of(statistics, _tensors[i]).Add(outputs[i].GetTensorDataAsSpan<float>(), (int)shape.Shape.ElementAtOrDefault(1));
        }
    }

    public static Dictionary<string, TensorStatistics> Sum(
        Dictionary<string, TensorStatistics> first, Dictionary<string, TensorStatistics> second)
    {
        Dictionary<string, TensorStatistics> sum = [];
        foreach ((string tensor, TensorStatistics seen) in first.Concat(second))
            Of(sum, tensor).Add(seen);
        return sum;
    }

    private static TensorStatistics Of(Dictionary<string, TensorStatistics> statistics, string tensor) =>
        statistics.TryGetValue(tensor, out TensorStatistics? found) ? found : statistics[tensor] = new TensorStatistics();

    public void Dispose() => _session.Dispose();
}
