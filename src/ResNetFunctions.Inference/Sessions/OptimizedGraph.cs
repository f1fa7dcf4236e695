using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>
/// A graph as ONNX Runtime optimised it for this processor, in a folder of the cache. The next process maps its weights as they
/// are: it optimises nothing and copies nothing. It is made when the model is unloaded, so that no answer waits for it.
/// </summary>
internal sealed class OptimizedGraph
{
    private const string Name = "model.onnx", Data = "model.data";

    // Every version of a model that was loaded has one; the oldest are deleted.
    private const int MaxKept = 8;

    // The optimised layout depends on the width of the processor's vectors.
    private static readonly string Platform = $"{typeof(OrtEnv).Assembly.GetName().Version} {Processor()}";

    private readonly string _source;
    private readonly string _cache;
    private readonly string _folder;

    private OptimizedGraph(string source, string cache)
    {
        _source = source;
        _cache = cache;
        _folder = FolderFor(source, cache);
    }

    /// <summary>The place of a graph's optimised form; null for a graph whose weights may change while its file does not.</summary>
    /// <param name="file">The graph.</param>
    /// <param name="cache">The cache folder.</param>
    public static OptimizedGraph? Of(ModelFile file, string cache) =>
        file.Path is { } path && ModelFile.DataFilesOf(path) is not [] ? new OptimizedGraph(path, cache) : null;

    /// <summary>Loads it; null if there is none.</summary>
    /// <param name="threads">How many threads its runs share.</param>
    public InferenceSession? TryLoad(int threads)
    {
        string graph = Path.Combine(_folder, Name);
        if (FileStatus.Of(graph).IsOwn && FileStatus.Of(Path.Combine(_folder, Data)).IsOwn)
        {
            try
            {
                using SessionOptions settings = OnnxSession.Settings(threads);
                settings.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
                return new InferenceSession(graph, settings);
            }
            catch (OnnxRuntimeException)
            {
                // It is damaged.
            }
        }
        Delete(_folder);
        return null;
    }

    /// <summary>Makes it, unless it is there.</summary>
    public void Make()
    {
        if (Directory.Exists(_folder))
            return;
        string unfinished = Path.Combine(_cache, $".{Guid.NewGuid():N}.part");
        try
        {
            Directory.CreateDirectory(unfinished);
            using (SessionOptions settings = OnnxSession.Settings(threads: 1))
            {
                settings.OptimizedModelFilePath = Path.Combine(unfinished, Name);
                settings.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", Data);
                new InferenceSession(_source, settings).Dispose();
            }
            Flush(Path.Combine(unfinished, Data));
            Flush(Path.Combine(unfinished, Name));
            if (FolderFor(_source, _cache) == _folder) // The model may have been replaced since it was loaded.
                Directory.Move(unfinished, _folder);
            DeleteOld();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OnnxRuntimeException)
        {
            // Without it the next launch is slower and nothing else, or another process has made it.
        }
        finally
        {
            Delete(unfinished);
        }
    }

    private static string FolderFor(string source, string cache)
    {
        byte[] key = [.. File.ReadAllBytes(source), .. Encoding.UTF8.GetBytes(Platform)];
        return Path.Combine(cache, $"optimized-{Convert.ToHexStringLower(SHA256.HashData(key))[..32]}");
    }

    private void DeleteOld()
    {
        var cache = new DirectoryInfo(_cache);
        IEnumerable<DirectoryInfo> tooMany = cache.GetDirectories("optimized-*").OrderByDescending(folder => folder.LastWriteTimeUtc).Skip(MaxKept);
        // A process that was killed left them.
        IEnumerable<DirectoryInfo> unfinished = cache.GetDirectories(".*.part").Where(folder => folder.LastWriteTimeUtc < DateTime.UtcNow.AddDays(-1));
        foreach (DirectoryInfo old in tooMany.Concat(unfinished))
            Delete(old.FullName);
    }

    private static void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows deletes no file that is mapped.
        }
    }

    private static void Flush(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Write);
        file.Flush(flushToDisk: true);
    }

    private static string Processor()
    {
        if (!X86Base.IsSupported)
            return $"{RuntimeInformation.ProcessArchitecture} {Vector512.IsHardwareAccelerated} {System.Numerics.Vector<byte>.Count}";
        (int model, _, int features, _) = X86Base.CpuId(1, 0);
        (_, int more, int others, _) = X86Base.CpuId(7, 0);
        return $"{RuntimeInformation.ProcessArchitecture} {model:x} {features & 0x1000_1000:x} {more:x} {others:x}"; // FMA and AVX
    }
}
