using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>
/// Graphs as ONNX Runtime has optimised them for this processor, in its own format: loading one takes a quarter of the
/// time, and its weights are used where they lie. A file is named KEY-HASH.ort: the key says what it was made from and
/// for, the hash what is in it. What is damaged, someone else's or of another kind is made again.
/// </summary>
internal sealed class OptimizedGraphs(string folder)
{
    // Of each model that was ever loaded one stays here, and one more for each update: the oldest go.
    private const int MaxFiles = 8;

    // What the optimised graph depends on, besides the graph: its layout follows the width of the vectors.
    private static readonly string Platform = $"{typeof(OrtEnv).Assembly.GetName().Version} {Processor()}";

    /// <summary>The optimised graph of a model; null where there is none and none can be made.</summary>
    public byte[]? Find(ModelFile file)
    {
        string key = KeyOf(file);
        try
        {
            foreach (string path in Directory.EnumerateFiles(folder, key + "-*.ort"))
            {
                if (FileStatus.Of(path).IsOwn && ReadIfWhole(path) is { } graph)
                    return graph;
                File.Delete(path);
            }
            return Make(file, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OnnxRuntimeException)
        {
            return null; // The graph itself is loaded then, and says what is wrong with it.
        }
    }

    /// <summary>Removes what turned out not to be usable.</summary>
    public void Remove(ModelFile file)
    {
        try
        {
            foreach (string path in Directory.EnumerateFiles(folder, KeyOf(file) + "-*.ort"))
                File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is found unusable again the next time.
        }
    }

    private byte[] Make(ModelFile file, string key)
    {
        string unfinished = Path.Combine(folder, $".{Guid.NewGuid():N}.part");
        try
        {
            using (SessionOptions settings = OnnxSessions.Settings(1, spinning: false))
            {
                settings.OptimizedModelFilePath = unfinished;
                settings.AddSessionConfigEntry("session.save_model_format", "ORT");
                OnnxSessions.Create(file, settings).Dispose();
            }
            byte[] graph = Read(unfinished);
            if (!MayHaveOtherFiles(file, graph))
            {
                File.Move(unfinished, Path.Combine(folder, $"{key}-{HashOf(graph)}.ort"), overwrite: true);
                Prune();
            }
            return graph;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    // A graph that is far larger than its file has its weights in others, and the key does not tell when they change.
    private static bool MayHaveOtherFiles(ModelFile file, byte[] graph) =>
        file.Path is { } path && graph.Length > (2 * new FileInfo(path).Length) + (1 << 20);

    private void Prune()
    {
        foreach (FileInfo old in new DirectoryInfo(folder).GetFiles("*.ort").OrderByDescending(f => f.LastWriteTimeUtc).Skip(MaxFiles))
            old.Delete();
    }

    private static byte[]? ReadIfWhole(string path)
    {
        byte[] graph = Read(path);
        return Path.GetFileNameWithoutExtension(path).EndsWith('-' + HashOf(graph), StringComparison.Ordinal) ? graph : null;
    }

    // Pinned, since ONNX Runtime keeps using the bytes where they are.
    private static byte[] Read(string path)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)RandomAccess.GetLength(file)), pinned: true);
        for (int done = 0; done < bytes.Length;)
        {
            int read = RandomAccess.Read(file, bytes.AsSpan(done), done);
            done += read > 0 ? read : throw new EndOfStreamException();
        }
        return bytes;
    }

    // Against damage alone; that nobody else wrote it, its owner and the folder's mode say.
    private static string HashOf(byte[] graph) => Convert.ToHexStringLower(XxHash128.Hash(graph));

    private static string KeyOf(ModelFile file) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{file.Key} {Platform}")))[..32];

    private static string Processor()
    {
        if (!X86Base.IsSupported)
            return $"{RuntimeInformation.ProcessArchitecture} {Vectors()}";
        (int model, _, int features, _) = X86Base.CpuId(1, 0);
        (_, int more, int others, _) = X86Base.CpuId(7, 0);
        return $"{RuntimeInformation.ProcessArchitecture} {model:x} {features & 0x1000_1000:x} {more:x} {others:x} {Vectors()}";
    }

    private static string Vectors() => $"{System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated} {System.Numerics.Vector<byte>.Count}";
}
