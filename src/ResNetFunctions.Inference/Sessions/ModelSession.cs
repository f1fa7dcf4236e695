using System.Collections.Concurrent;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Devices;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>One loaded model: from pixels to scores. Thread-safe: buffers are pooled, one set a concurrent run.</summary>
internal sealed class ModelSession : IDisposable
{
    private readonly OnnxSession _session;
    private readonly OptimizedGraph? _optimized; // null if nothing is cached
    private readonly PictureBatches? _batches; // null where the device gains nothing by them
    private readonly ConcurrentBag<Bindings> _bindings = [];
    private readonly ModelContract _contract;
    private readonly Manifest _manifest;

    private ModelSession(
        OnnxSession session, OptimizedGraph? optimized, PictureBatches? batches, ModelContract contract, Manifest manifest, Labels labels,
        ModelIdentity identity)
    {
        _session = session;
        _optimized = optimized;
        _batches = batches;
        _contract = contract;
        _manifest = manifest;
        Labels = labels;
        Identity = identity;
        Preprocessor = new Preprocessor(manifest.Input);
    }

    /// <summary>Which weights these are.</summary>
    public ModelIdentity Identity { get; }

    /// <summary>Its classes.</summary>
    public Labels Labels { get; }

    /// <summary>Whether it has answered once.</summary>
    public bool HasRun { get; private set; }

    /// <summary>The least probability of a class in an answer, where a picture may be of several; else null.</summary>
    public float? Threshold => _manifest.MultiLabel ? _manifest.Threshold : null;

    /// <summary>Makes this model's input tensor.</summary>
    public Preprocessor Preprocessor { get; }

    /// <summary>Loads the model that a manifest describes.</summary>
    /// <exception cref="InvalidModelException">Its weights are missing or unusable, or do not fit the manifest.</exception>
    public static ModelSession Load(ModelStore store, Manifest manifest, ModelOptions options)
    {
        // ONNX Runtime's library takes as long to load as the graph: both at once.
        Task.Run(OrtEnv.Instance);
        Labels labels = store.LabelsOf(manifest);
        ModelFile file = store.Open(manifest);
        OptimizedGraph? optimized = store.CachePath is { } cache && options.DeviceChoice.Device == Device.Cpu ? OptimizedGraph.Of(file, cache) : null;
        return Load(file, manifest, labels, options, optimized: optimized);
    }

    /// <summary>Loads a graph that is not, or not yet, in the models folder.</summary>
    /// <param name="file">The graph.</param>
    /// <param name="manifest">What it is.</param>
    /// <param name="labels">Its classes.</param>
    /// <param name="options">The device, and its threads or batches.</param>
    /// <param name="batches">Whether pictures that wait are run together; null: where the device gains by it.</param>
    /// <param name="optimized">The graph's optimised form; null if nothing is cached.</param>
    /// <exception cref="InvalidModelException">It is unusable, or does not fit the manifest.</exception>
    public static ModelSession Load(
        ModelFile file, Manifest manifest, Labels labels, ModelOptions options, bool? batches = null, OptimizedGraph? optimized = null)
    {
        Device device = options.DeviceChoice.Device;
        // .NET counts the cores that the cgroup's quota allows, rounded up.
        int threads = options.IntraOpThreads > 0 ? options.IntraOpThreads : Environment.ProcessorCount;
        OnnxSession session = OnnxSession.Load(file, optimized, threads, device);
        try
        {
            ModelContract contract = ModelContract.Check(session.Graph, manifest, labels);
            ModelIdentity identity = Identify(session.Graph, manifest, file);
            PictureBatches? together = (batches ?? device == Device.Cuda) && contract.TakesBatches
                ? new PictureBatches(session.Graph, contract, device, options.MaxBatch, options.BatchDelay)
                : null;
            return new ModelSession(session, optimized, together, contract, manifest, labels, identity);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Rents buffers for one run; disposing them gives them back.</summary>
    public Bindings Rent()
    {
        Bindings rented = _bindings.TryTake(out Bindings? bindings) ? bindings : new Bindings(this, _contract);
        rented.IsAnnounced = _batches is not null;
        _batches?.Announce();
        return rented;
    }

    /// <summary>Runs the network on filled input.</summary>
    /// <param name="bindings">The tensors.</param>
    /// <param name="logits">Whether its output before softmax is wanted too.</param>
    /// <param name="cancellationToken">Gives up the wait for a batch.</param>
    /// <returns>The output, its probabilities valid until the bindings are disposed.</returns>
    /// <exception cref="InvalidModelException">Its answers are no numbers.</exception>
    public async ValueTask<NetworkOutput> RunAsync(Bindings bindings, bool logits = false, CancellationToken cancellationToken = default)
    {
        if (_batches is null)
        {
            await _session.RunAsync(_contract.InputNames, bindings.Inputs, _contract.OutputNames, bindings.Outputs).ConfigureAwait(false);
        }
        else
        {
            bindings.IsAnnounced = false;
            await _batches.RunAsync(bindings, cancellationToken).ConfigureAwait(false);
        }
        Memory<float> scores = bindings.Scores();
        float[]? before = logits && _manifest.Output == OutputKind.Logits ? scores.ToArray() : null;
        if (!ToProbabilities(scores.Span))
            throw new InvalidModelException($"{_manifest.Name} answered with numbers that are not finite.");
        HasRun = true;
        return new NetworkOutput(scores, before);
    }

    private bool ToProbabilities(Span<float> scores) => _manifest.Output switch
    {
        OutputKind.Logits => Softmax.InPlace(scores),
        OutputKind.Sigmoid => Sigmoid.InPlace(scores),
        _ => Finite.All(scores),
    };

    private void Return(Bindings bindings)
    {
        if (bindings.IsAnnounced)
            _batches!.Withdraw();
        _bindings.Add(bindings);
    }

    // A graph that was made here says which weights its numbers came from; any other graph is that file itself.
    private static ModelIdentity Identify(InferenceSession session, Manifest manifest, ModelFile file)
    {
        string sha256 = session.ModelMetadata.CustomMetadataMap.GetValueOrDefault(ModelStore.WeightsShaKey) ?? file.Sha256;
        bool known = manifest.Weights.Sha256 is { } published && sha256.StartsWith(published, StringComparison.Ordinal);
        return new ModelIdentity(manifest.Name, known ? manifest.Weights.Kind.ToString().ToLowerInvariant() : "user", sha256);
    }

    public void Dispose()
    {
        foreach (Bindings bindings in _bindings)
            bindings.Free();
        _batches?.Dispose();
        _session.Dispose();
        _optimized?.Make();
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

        /// <summary>Whether a batch may wait for them.</summary>
        public bool IsAnnounced { get; set; }

        /// <summary>Writes the image's tensor.</summary>
        public void Fill(PixelBuffer pixels, Orientation orientation) => _input.Fill(_owner.Preprocessor, pixels, orientation);

        /// <summary>Copies a tensor that is there already.</summary>
        public void Fill(ReadOnlySpan<float> tensor) => _input.Fill(tensor);

        /// <summary>The output as float32.</summary>
        public Memory<float> Scores()
        {
            if (_output.Singles is null)
                TensorPrimitives.ConvertToSingle(_output.Halves, _scores);
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

/// <summary>What a network gives for one input tensor.</summary>
/// <param name="Probabilities">One a class.</param>
/// <param name="Logits">The output before softmax, where it was asked for; null where the network itself gives probabilities.</param>
internal readonly record struct NetworkOutput(ReadOnlyMemory<float> Probabilities, float[]? Logits);
