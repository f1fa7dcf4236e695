using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Decoding;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Preprocessing;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>One loaded model: from pixels to predictions. Thread-safe: buffers are pooled, one set a concurrent run.</summary>
internal sealed class ModelSession : IDisposable
{
    private readonly OnnxSession _session;
    private readonly ConcurrentBag<Bindings> _bindings = [];
    private readonly ModelContract _contract;
    private readonly Manifest _manifest;
    private readonly Labels _labels;

    private ModelSession(OnnxSession session, ModelContract contract, Manifest manifest, Labels labels, ModelIdentity identity)
    {
        _session = session;
        _contract = contract;
        _manifest = manifest;
        _labels = labels;
        Identity = identity;
        Preprocessor = new Preprocessor(manifest.Input);
    }

    /// <summary>Which weights these are.</summary>
    public ModelIdentity Identity { get; }

    /// <summary>Makes this model's input tensor.</summary>
    public Preprocessor Preprocessor { get; }

    /// <summary>Loads the model that a manifest describes.</summary>
    /// <exception cref="InvalidModelException">Its weights are missing or unusable, or do not fit the manifest.</exception>
    public static ModelSession Load(ModelStore store, Manifest manifest, ClassifierOptions options)
    {
        // ONNX Runtime's library takes as long to load as the graph: both at once.
        Task.Run(OrtEnv.Instance);
        Labels labels = store.LabelsOf(manifest);
        return Load(store.Open(manifest), store.Optimized, manifest, labels, options);
    }

    /// <summary>Loads a graph that is not, or not yet, in the models folder.</summary>
    /// <inheritdoc cref="Load(ModelStore, Manifest, ClassifierOptions)"/>
    public static ModelSession Load(
        ModelFile file, OptimizedGraphs? optimized, Manifest manifest, Labels labels, ClassifierOptions options)
    {
        OnnxSession session = OnnxSession.Load(file, optimized, isInt8: manifest.Quantization is not null, options);
        try
        {
            ModelContract contract = ModelContract.Check(session.Graph, manifest, labels);
            return new ModelSession(session, contract, manifest, labels, Identify(session.Graph, manifest, file));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Rents buffers for one run; disposing them gives them back.</summary>
    public Bindings Rent() => _bindings.TryTake(out Bindings? bindings) ? bindings : new Bindings(this, _contract);

    /// <summary>Runs the network on <see cref="Bindings.Fill"/>ed input, and reads off the top k classes.</summary>
    /// <param name="bindings">The tensors.</param>
    /// <param name="top">k.</param>
    /// <exception cref="UnavailableException">model-unavailable: its answers are no numbers.</exception>
    public async ValueTask<Prediction[]> RunAsync(Bindings bindings, int top)
    {
        await _session.RunAsync(_contract.InputNames, bindings.Inputs, _contract.OutputNames, bindings.Outputs).ConfigureAwait(false);
        return Highest(bindings, top);
    }

    private Prediction[] Highest(Bindings bindings, int top)
    {
        Span<float> scores = bindings.Scores();
        if (!ToProbabilities(scores))
            throw new UnavailableException(ErrorCode.ModelUnavailable, $"{_manifest.Name} answered with numbers that are not finite.");

        int count = _manifest.MultiLabel ? CountFrom(_manifest.Threshold, scores) : Math.Min(top, scores.Length);
        Span<int> indices = count <= 1024 ? stackalloc int[count] : new int[count];
        TopK.Select(scores, indices);

        var predictions = new Prediction[indices.Length];
        for (int i = 0; i < predictions.Length; i++)
        {
            (string? category, string label) = _labels[indices[i]];
            predictions[i] = new Prediction(indices[i], category, label, scores[indices[i]]);
        }
        return predictions;
    }

    private bool ToProbabilities(Span<float> scores) => _manifest.Output switch
    {
        OutputKind.Logits => Softmax.InPlace(scores),
        OutputKind.Sigmoid => Sigmoid.InPlace(scores),
        _ => true,
    };

    private static int CountFrom(float threshold, ReadOnlySpan<float> probabilities)
    {
        int count = 0;
        foreach (float probability in probabilities)
            count += probability >= threshold ? 1 : 0;
        return count;
    }

    private void Return(Bindings bindings) => _bindings.Add(bindings);

    // A converted graph says which file its numbers came from; any other graph is that file itself.
    private static ModelIdentity Identify(InferenceSession session, Manifest manifest, ModelFile file)
    {
        Dictionary<string, string> metadata = session.ModelMetadata.CustomMetadataMap;
        if (metadata.ContainsKey(ModelStore.GeneratedKey))
            return new ModelIdentity(manifest.Name, "generated", Trained: false, file.Sha256);

        string sha256 = metadata.GetValueOrDefault(ModelStore.WeightsShaKey) ?? file.Sha256;
        if (manifest.Training is not null)
            return new ModelIdentity(manifest.Name, "trained", Trained: true, sha256);
        bool official = manifest.Weights.Sha256 is { } published && sha256.StartsWith(published, StringComparison.Ordinal);
        return new ModelIdentity(manifest.Name, official ? "official" : "user", Trained: true, sha256);
    }

    public void Dispose()
    {
        foreach (Bindings bindings in _bindings)
            bindings.Free();
        _session.Dispose();
    }

    /// <summary>The input and output tensors of one run.</summary>
    internal sealed class Bindings : IDisposable
    {
        private readonly ModelSession _owner;
        private readonly TensorBuffer _input;
        private readonly TensorBuffer _output;
        private readonly float[] _scores;

        public Bindings(ModelSession owner, ModelContract contract)
        {
            _owner = owner;
            _input = new TensorBuffer(contract.InputType, contract.InputShape);
            _output = new TensorBuffer(contract.OutputType, contract.OutputShape);
            _scores = _output.Singles ?? new float[_output.Length];
            Inputs = [_input.Value];
            Outputs = [_output.Value];
        }

        public OrtValue[] Inputs { get; }

        public OrtValue[] Outputs { get; }

        /// <summary>Writes the image's tensor.</summary>
        public void Fill(PixelBuffer pixels, Orientation orientation) => _input.Fill(_owner.Preprocessor, pixels, orientation);

        /// <summary>The output as float32.</summary>
        public Span<float> Scores()
        {
            if (_output.Singles is null)
                System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(_output.Halves, _scores);
            return _scores;
        }

        public void Dispose() => _owner.Return(this);

        internal void Free()
        {
            _input.Dispose();
            _output.Dispose();
        }
    }
}
