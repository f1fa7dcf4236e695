using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Devices;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>
/// One graph as an ONNX Runtime session that all requests share, so that the weights, which many kernels pack for
/// themselves, are in memory once. The first run to come is done by its caller's thread, and the session's threads help it:
/// every core for a request that is alone. A run that comes meanwhile is done by one of the session's threads, which helps
/// nobody until it is through: of many requests each has a core.
/// </summary>
internal sealed class OnnxSession : IDisposable
{
    // One arena for the tensors of all sessions: each would otherwise keep what its largest moment took. It grows by what is
    // asked for, not by doubling.
    private static readonly Lazy<bool> SharedArena = new(() =>
    {
        using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var growth = new OrtArenaCfg(0, 1, -1, -1);
        OrtEnv.Instance().CreateAndRegisterAllocator(memory, growth);
        return true;
    });

    private readonly RunOptions _runOptions = new();
    private readonly SemaphoreSlim _idleThreads; // of the session's own: those without a run
    private int _callerRuns; // 1 while a run is its caller's

    private OnnxSession(InferenceSession graph, int threads)
    {
        Graph = graph;
        _idleThreads = new SemaphoreSlim(threads - 1);
    }

    /// <summary>The loaded graph.</summary>
    public InferenceSession Graph { get; }

    /// <summary>Loads a graph. Weights in a file beside it are mapped.</summary>
    /// <param name="file">The graph.</param>
    /// <param name="optimized">Its optimised form, which is loaded instead where it is there.</param>
    /// <param name="threads">How many threads its runs share.</param>
    /// <param name="device">What it runs on.</param>
    /// <exception cref="InvalidModelException">ONNX Runtime does not take it.</exception>
    public static OnnxSession Load(ModelFile file, OptimizedGraph? optimized, int threads, Device device)
    {
        if (optimized?.TryLoad(threads) is { } graph)
            return new OnnxSession(graph, threads);
        try
        {
            using SessionOptions settings = Settings(threads);
            if (device == Device.Cuda)
                Cuda.AddTo(settings);
            return new OnnxSession(
                file.Bytes is { } bytes ? new InferenceSession(bytes, settings) : new InferenceSession(file.Path, settings), threads);
        }
        catch (OnnxRuntimeException e) when (device == Device.Cuda)
        {
            throw new InvalidModelException($"ONNX Runtime cannot load the model on the GPU: {NameInFile.Sentence(e.Message)}", e);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException("ONNX Runtime cannot load the model file: it is damaged or no ONNX graph.", e);
        }
    }

    /// <summary>What all sessions have in common. A thread spins between two of a run's nodes, which is quicker than to sleep
    /// and be woken, but never between runs.</summary>
    public static SessionOptions Settings(int threads)
    {
        var settings = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            EnableMemoryPattern = false, // One block for all of a run's tensors: no quicker, and more memory.
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        settings.AddSessionConfigEntry("session.force_spinning_stop", "1");
        settings.AddSessionConfigEntry("session.dynamic_block_base", "4");
        if (SharedArena.Value)
            settings.AddSessionConfigEntry("session.use_env_allocators", "1");
        return settings;
    }

    /// <summary>Runs the graph, in place: inputs and outputs are given.</summary>
    public async ValueTask RunAsync(string[] inputNames, OrtValue[] inputs, string[] outputNames, OrtValue[] outputs)
    {
        bool isFirst = Interlocked.CompareExchange(ref _callerRuns, 1, 0) == 0;
        if (!isFirst && _idleThreads.Wait(0))
        {
            try
            {
                // What comes after the run is not for the session's thread to do.
                await Graph.RunAsync(_runOptions, inputNames, inputs, outputNames, outputs)
                    .ContinueWith(static run => run.GetAwaiter().GetResult(), TaskScheduler.Default).ConfigureAwait(false);
            }
            finally
            {
                _idleThreads.Release();
            }
            return;
        }

        try
        {
            Graph.Run(_runOptions, inputNames, inputs, outputNames, outputs);
        }
        finally
        {
            if (isFirst)
                Volatile.Write(ref _callerRuns, 0);
        }
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        Graph.Dispose();
        _idleThreads.Dispose();
    }
}
