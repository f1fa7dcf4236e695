using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>Checks a new graph in ONNX Runtime.</summary>
internal static class OnnxCheck
{
    private const int Side = 224;

    /// <summary>Runs the graph on two grey pictures.</summary>
    /// <exception cref="InvalidModelException">It fails, or its output is not the expected finite numbers.</exception>
    public static void Run(ModelProto model, int classes)
    {
        float[] scores;
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            using var session = new InferenceSession(OnnxFile.ToBytes(model, new Dictionary<string, string>()), options);
            using var input = OrtValue.CreateTensorValueFromMemory(new float[2 * 3 * Side * Side], [2, 3, Side, Side]);
            using var run = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> outputs =
                session.Run(run, [GraphBuilder.InputName], [input], [GraphBuilder.OutputName]);
            scores = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException($"ONNX Runtime does not take the graph: {e.Message}", e);
        }
        if (scores.Length != 2 * classes || !scores.All(float.IsFinite))
            throw new InvalidModelException("The graph's output is not the expected finite numbers.");
    }
}
