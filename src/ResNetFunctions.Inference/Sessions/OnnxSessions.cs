using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>Makes ONNX Runtime sessions for a server that runs many requests on few cores.</summary>
internal static class OnnxSessions
{
    /// <summary>Loads and optimises a graph.</summary>
    /// <exception cref="InvalidModelException">ONNX Runtime does not take it.</exception>
    public static InferenceSession Create(ModelFile file, ClassifierOptions options)
    {
        using var settings = new SessionOptions
        {
            IntraOpNumThreads = options.IntraOpThreads > 0
                ? options.IntraOpThreads
                : Math.Max(1, Environment.ProcessorCount / options.MaxConcurrency),
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        // A thread that spins for its next node takes a core from another request's decoding.
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            return file.Bytes is { } bytes
                ? new InferenceSession(bytes, settings)
                : new InferenceSession(file.Path, settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException("ONNX Runtime cannot load the model file: it is damaged or no ONNX graph.", e);
        }
    }
}
