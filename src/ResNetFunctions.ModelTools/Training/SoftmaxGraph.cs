using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Training;

/// <summary>A linear layer with softmax, loss and gradient as a graph: ONNX Runtime's matrix products are ten times faster
/// than a loop.</summary>
internal sealed class SoftmaxGraph : IDisposable
{
    // The sums of runs are added in double, always in the same order.
    private const int MaxRows = 4096;

    private static readonly string[] Inputs = ["x", "y", "w", "b"], Gradient = ["log_likelihood", "dw", "db"], Scores = ["p"];

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly int _classes, _features;

    public SoftmaxGraph(int classes, int features, int threads)
    {
        (_classes, _features) = (classes, features);
        using var options = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(Build().ToByteArray(), options);
    }

    /// <summary>The mean cross-entropy and its gradient.</summary>
    /// <param name="rows">Features and classes.</param>
    /// <param name="weights">[classes, features].</param>
    /// <param name="bias">[classes].</param>
    /// <param name="gradient">Filled: the weights', then the biases'.</param>
    public double Loss(Rows rows, float[] weights, float[] bias, Span<double> gradient)
    {
        gradient.Clear();
        double sum = 0;
        using var w = OrtValue.CreateTensorValueFromMemory(weights, [_classes, _features]);
        using var b = OrtValue.CreateTensorValueFromMemory(bias, [_classes]);
        for (int first = 0; first < rows.Count; first += MaxRows)
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = Run(rows, first, w, b, Gradient);
            foreach (float logLikelihood in outputs[0].GetTensorDataAsSpan<float>())
                sum -= logLikelihood;
            Add(outputs[1].GetTensorDataAsSpan<float>(), gradient, rows.Count);
            Add(outputs[2].GetTensorDataAsSpan<float>(), gradient[weights.Length..], rows.Count);
        }
        return sum / rows.Count;
    }

    /// <summary>[rows, classes].</summary>
    public float[] Probabilities(Rows rows, float[] weights, float[] bias)
    {
        float[] probabilities = new float[rows.Count * _classes];
        using var w = OrtValue.CreateTensorValueFromMemory(weights, [_classes, _features]);
        using var b = OrtValue.CreateTensorValueFromMemory(bias, [_classes]);
        for (int first = 0; first < rows.Count; first += MaxRows)
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = Run(rows, first, w, b, Scores);
            outputs[0].GetTensorDataAsSpan<float>().CopyTo(probabilities.AsSpan(first * _classes));
        }
        return probabilities;
    }

    private IDisposableReadOnlyCollection<OrtValue> Run(Rows rows, int first, OrtValue w, OrtValue b, string[] outputs)
    {
        int count = Math.Min(MaxRows, rows.Count - first);
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, rows.Features.AsMemory(first * _features, count * _features), [count, _features]);
        using OrtValue y = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, rows.Classes.AsMemory(first, count), [count, 1]);
        return _session.Run(_run, Inputs, [x, y, w, b], outputs);
    }

    private static void Add(ReadOnlySpan<float> terms, Span<double> sums, int rows)
    {
        for (int i = 0; i < terms.Length; i++)
            sums[i] += (double)terms[i] / rows;
    }

    // d loss / d logits is p, less 1 at the row's own class.
    private static ModelProto Build()
    {
        var graph = new GraphProto
        {
            Name = "softmax",
            Input = { Typed("x", 1), Typed("y", 7), Typed("w", 1), Typed("b", 1) },
            Output = { Named("log_likelihood"), Named("dw"), Named("db"), Named("p") },
            Initializer = { Initializer.Of("one", [], [1]) },
            Node =
            {
                Node("Gemm", ["x", "w", "b"], "logits", Int("transB", 1)),
                Node("LogSoftmax", ["logits"], "log_p", Int("axis", 1)),
                Node("Exp", ["log_p"], "p"),
                Node("GatherElements", ["log_p", "y"], "log_likelihood", Int("axis", 1)),
                Node("Exp", ["log_likelihood"], "likelihood"),
                Node("Sub", ["likelihood", "one"], "own"),
                Node("ScatterElements", ["p", "y", "own"], "dlogits", Int("axis", 1)),
                Node("Gemm", ["dlogits", "x"], "dw", Int("transA", 1)),
                Node("ReduceSum", ["dlogits", "rows"], "db", Int("keepdims", 0)),
            },
        };
        graph.Initializer.Add(new TensorProto
        {
            Name = "rows",
            DataType = (int)TensorProto.Types.DataType.Int64,
            Dims = { 1 },
            RawData = ByteString.CopyFrom(new byte[sizeof(long)]),
        });
        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } } };
    }

    private static NodeProto Node(string type, string[] inputs, string output, params AttributeProto[] attributes) =>
        new() { OpType = type, Input = { inputs }, Output = { output }, Attribute = { attributes } };

    private static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static ValueInfoProto Named(string name) => new() { Name = name };

    private static ValueInfoProto Typed(string name, int type) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type } } };

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}

/// <param name="Features">[rows, features].</param>
/// <param name="Classes">Each row's class.</param>
internal readonly record struct Rows(float[] Features, long[] Classes)
{
    public int Count => Classes.Length;
}
