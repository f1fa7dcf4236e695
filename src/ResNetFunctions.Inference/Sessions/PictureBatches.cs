using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Devices;
using ResNetFunctions.Inference.Diagnostics;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>A model's runs of many pictures: while one batch runs, the next is copied.</summary>
internal sealed class PictureBatches : IDisposable
{
    private const int AtOnce = 2;

    private readonly OrtAllocator _allocator;
    private readonly BatchTensors[] _tensors;
    private readonly Batcher<ModelSession.Bindings> _batcher;

    /// <param name="graph">A graph whose first axes are the batch's.</param>
    /// <param name="contract">Its shapes for one picture.</param>
    /// <param name="device">What it runs on.</param>
    /// <param name="most">How many pictures a run has at most.</param>
    /// <param name="delay">How long a picture waits at most for others.</param>
    public PictureBatches(InferenceSession graph, ModelContract contract, Device device, int most, TimeSpan delay)
    {
        _allocator = device == Device.Cuda ? Cuda.PageLocked(graph) : OrtAllocator.DefaultInstance;
        _tensors = [.. Enumerable.Range(0, AtOnce).Select(_ => new BatchTensors(graph, contract, most, _allocator))];
        _tensors[0].WarmUp();
        _batcher = new Batcher<ModelSession.Bindings>(most, delay, [.. _tensors.Select(RunOf)]);
    }

    private static Action<IReadOnlyList<ModelSession.Bindings>> RunOf(BatchTensors tensors) => pictures =>
    {
        Telemetry.BatchSize.Record(pictures.Count);
        tensors.Run(pictures);
    };

    /// <inheritdoc cref="Batcher{T}.Announce"/>
    public void Announce() => _batcher.Announce();

    /// <inheritdoc cref="Batcher{T}.Withdraw"/>
    public void Withdraw() => _batcher.Withdraw();

    /// <inheritdoc cref="Batcher{T}.RunAsync"/>
    public Task RunAsync(ModelSession.Bindings picture, CancellationToken cancellationToken) => _batcher.RunAsync(picture, cancellationToken);

    public void Dispose()
    {
        _batcher.Dispose();
        foreach (BatchTensors tensors in _tensors)
            tensors.Dispose();
        if (_allocator != OrtAllocator.DefaultInstance)
            _allocator.Dispose();
    }
}
