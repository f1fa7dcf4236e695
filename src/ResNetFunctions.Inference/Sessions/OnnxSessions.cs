using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>
/// One graph as two ONNX Runtime sessions over the same weights. A run of the wide one takes every core: for a request
/// that is alone. A run of the narrow one takes its share of them: for many at once, where splitting each run further
/// would only add waiting. A session's threads can't be chosen run by run.
/// </summary>
internal sealed class OnnxSessions : IDisposable
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

    private readonly Lazy<InferenceSession>? _narrow;

    // Native code uses the weights where they lie, which the garbage collector does not see.
    private readonly byte[]? _graph;

    private OnnxSessions(InferenceSession wide, Func<InferenceSession>? narrow, byte[]? graph)
    {
        _graph = graph;
        Wide = wide;
        _narrow = narrow is null ? null : new Lazy<InferenceSession>(narrow);
    }

    /// <summary>The session for a run that is alone.</summary>
    public InferenceSession Wide { get; }

    /// <summary>The session for a run among others; made when it is first asked for, in a few milliseconds.</summary>
    public InferenceSession Narrow => _narrow?.Value ?? Wide;

    /// <summary>Loads a graph: as it was optimised before where there is a cache, else as it is.</summary>
    /// <exception cref="InvalidModelException">ONNX Runtime does not take it.</exception>
    public static OnnxSessions Load(ModelFile file, OptimizedGraphs? optimized, ClassifierOptions options)
    {
        (int wide, int narrow) = Threads(options);
        if (optimized?.Find(file) is { } graph)
        {
            try
            {
                return new OnnxSessions(
                    CreateInPlace(graph, wide, spinning: wide != narrow),
                    wide == narrow ? null : () => CreateInPlace(graph, narrow, spinning: false),
                    graph);
            }
            catch (OnnxRuntimeException)
            {
                optimized.Remove(file);
            }
        }

        // A second session would hold the weights a second time: one that all runs share, which shares out its threads.
        try
        {
            using SessionOptions settings = Settings(wide, spinning: false);
            return new OnnxSessions(Create(file, settings), null, null);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException("ONNX Runtime cannot load the model file: it is damaged or no ONNX graph.", e);
        }
    }

    /// <summary>A session that optimises the graph.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime does not take it.</exception>
    public static InferenceSession Create(ModelFile file, SessionOptions settings) =>
        file.Bytes is { } bytes ? new InferenceSession(bytes, settings) : new InferenceSession(file.Path, settings);

    /// <param name="threads">Threads of a run.</param>
    /// <param name="spinning">Whether a thread spins between two of a run's nodes: quicker where the run has the cores
    /// to itself, and where it has not, a core taken from another request. It never spins between runs.</param>
    public static SessionOptions Settings(int threads, bool spinning)
    {
        var settings = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
        settings.AddSessionConfigEntry("session.force_spinning_stop", "1");
        settings.AddSessionConfigEntry("session.dynamic_block_base", "4");
        if (SharedArena.Value)
            settings.AddSessionConfigEntry("session.use_env_allocators", "1");
        return settings;
    }

    private static InferenceSession CreateInPlace(byte[] graph, int threads, bool spinning)
    {
        using SessionOptions settings = Settings(threads, spinning);
        settings.AddSessionConfigEntry("session.load_model_format", "ORT");
        settings.AddSessionConfigEntry("session.use_ort_model_bytes_directly", "1");
        settings.AddSessionConfigEntry("session.use_ort_model_bytes_for_initializers", "1");
        return new InferenceSession(graph, settings);
    }

    // .NET counts the cores that the cgroup's quota allows, rounded up.
    private static (int Wide, int Narrow) Threads(ClassifierOptions options)
    {
        int cores = Environment.ProcessorCount;
        return options.IntraOpThreads > 0
            ? (options.IntraOpThreads, options.IntraOpThreads)
            : (cores, Math.Max(1, cores / options.MaxConcurrency));
    }

    public void Dispose()
    {
        if (_narrow is { IsValueCreated: true })
            _narrow.Value.Dispose();
        Wide.Dispose();
        GC.KeepAlive(_graph);
    }
}
