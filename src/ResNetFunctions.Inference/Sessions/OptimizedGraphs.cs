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

    /// <summary>The file of a model's optimised graph; null where there is none and none can be made.</summary>
    public string? Find(ModelFile file)
    {
        string key = KeyOf(file);
        try
        {
            foreach (string path in Directory.EnumerateFiles(folder, key + "-*.ort"))
            {
                if (FileStatus.Of(path).IsOwn && IsWhole(path))
                    return path;
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

    private string? Make(ModelFile file, string key)
    {
        string unfinished = Path.Combine(folder, $".{Guid.NewGuid():N}.part");
        try
        {
            using (SessionOptions settings = OnnxSession.Settings(threads: 1))
            {
                settings.OptimizedModelFilePath = unfinished;
                settings.AddSessionConfigEntry("session.save_model_format", "ORT");
                OnnxSession.Create(file, settings).Dispose();
            }
            if (MayHaveOtherFiles(file, unfinished))
                return null;
            string path = Path.Combine(folder, $"{key}-{HashOf(unfinished)}.ort");
            File.Move(unfinished, path, overwrite: true);
            Prune();
            return path;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    // A graph that is far larger than its file has its weights in others, and the key does not tell when they change;
    // but for a file whose name has the hash of its bytes, as the project's own have.
    private static bool MayHaveOtherFiles(ModelFile file, string graph) =>
        file.Path is { } path && new FileInfo(graph).Length > (2 * new FileInfo(path).Length) + (1 << 20) && !NamesHashedFile(path);

    private static bool NamesHashedFile(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, $"{Path.GetFileNameWithoutExtension(path)}.????????????????.data")
            .Any(data => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Path.GetFileName(data))) >= 0);
    }

    private void Prune()
    {
        try
        {
            foreach (FileInfo old in new DirectoryInfo(folder).GetFiles("*.ort").OrderByDescending(f => f.LastWriteTimeUtc).Skip(MaxFiles))
                old.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows deletes no file that is mapped; the next one to come tries again.
        }
    }

    private static bool IsWhole(string path) =>
        Path.GetFileNameWithoutExtension(path).EndsWith('-' + HashOf(path), StringComparison.Ordinal);

    // Against damage alone; that nobody else wrote it, its owner and the folder's mode say.
    private static string HashOf(string path)
    {
        var hash = new XxHash128();
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        hash.Append(file);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

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
