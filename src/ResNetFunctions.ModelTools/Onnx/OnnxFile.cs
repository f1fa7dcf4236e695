using System.Security.Cryptography;
using Google.Protobuf;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Onnx;

/// <summary>Model files on disk. The weights of a large graph are in a second file, <c>NAME.HASH.data</c>, which ONNX
/// Runtime maps instead of copying. The hash is of its bytes, so a graph never gets another graph's weights, even while
/// another process writes.</summary>
internal static class OnnxFile
{
    // ONNX's advice for mapped data: a memory page.
    private const int Alignment = 4096;

    // A second file is not worth it below this.
    private const long LeastExternal = 1 << 20;

    private const int BufferSize = 1 << 20;

    /// <summary>Writes a model atomically.</summary>
    /// <param name="model">The model; its metadata is replaced.</param>
    /// <param name="path">The file.</param>
    /// <param name="metadata">ONNX Runtime's custom metadata.</param>
    public static void Write(ModelProto model, string path, IReadOnlyDictionary<string, string> metadata)
    {
        SetMetadata(model, metadata);
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string[] before = ModelFile.DataFilesOf(path);

        List<TensorProto> external = [.. model.Graph.Initializer.Where(static tensor => tensor.RawData.Length >= Alignment)];
        if (external.Sum(static tensor => (long)tensor.RawData.Length) < LeastExternal)
        {
            WriteWhole(path, model.WriteTo);
        }
        else
        {
            string data = WriteData(external, path);
            try
            {
                WriteWhole(path, WithExternal(model, external, Path.GetFileName(data)).WriteTo);
            }
            catch when (!before.Contains(data))
            {
                File.Delete(data);
                throw;
            }
            before = [.. before.Where(file => file != data)];
        }
        foreach (string old in before)
            DeleteUnlessInUse(old);
    }

    /// <summary>Reads a model with its external weights.</summary>
    /// <exception cref="InvalidModelException">The file is no ONNX graph, or its weights file is missing.</exception>
    public static ModelProto Read(ModelFile file) => file.Bytes is { } bytes ? Parse(bytes) : Read(file.Path!);

    /// <inheritdoc cref="Read(ModelFile)"/>
    public static ModelProto Read(string path)
    {
        ModelProto model = Parse(File.ReadAllBytes(path));
        foreach (TensorProto tensor in model.Graph.Initializer.Where(IsExternal))
            ReadExternal(tensor, Path.GetDirectoryName(Path.GetFullPath(path))!);
        return model;
    }

    /// <summary>Reads a model without its external weights.</summary>
    /// <exception cref="InvalidModelException">The bytes are no ONNX graph.</exception>
    public static ModelProto Parse(byte[] bytes)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidModelException("The file is damaged or no ONNX graph: export or download it again.", e);
        }
    }

    /// <summary>The model in one piece, for a process that may not write.</summary>
    public static byte[] ToBytes(ModelProto model, IReadOnlyDictionary<string, string> metadata)
    {
        SetMetadata(model, metadata);
        return model.ToByteArray();
    }

    private static void DeleteUnlessInUse(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows does not delete a mapped file; nothing refers to it any more.
        }
    }

    /// <summary>Writes the tensors' bytes, each at the start of a page.</summary>
    private static string WriteData(List<TensorProto> tensors, string path)
    {
        string stem = Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path));
        Task<string> hash = Task.Run(() => HashOf(tensors)); // while they are written
        return WriteWhole(() => $"{stem}.{hash.GetAwaiter().GetResult()[..16]}.data", stem, file =>
            WithPadding(tensors, bytes => file.Write(bytes)));
    }

    private static string HashOf(List<TensorProto> tensors)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        WithPadding(tensors, sha256.AppendData);
        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    private static void WithPadding(List<TensorProto> tensors, Append append)
    {
        Span<byte> zeros = stackalloc byte[Alignment];
        zeros.Clear();
        foreach (TensorProto tensor in tensors)
        {
            append(tensor.RawData.Span);
            append(zeros[..Padding(tensor)]);
        }
    }

    private delegate void Append(ReadOnlySpan<byte> bytes);

    private static ModelProto WithExternal(ModelProto model, List<TensorProto> tensors, string data)
    {
        var moved = tensors.Select(static tensor => tensor.Name).ToHashSet();
        long offset = 0;
        ModelProto result = model.Clone(); // Bytes are shared, and what this project does not know is kept.
        for (int i = 0; i < result.Graph.Initializer.Count; i++)
        {
            TensorProto tensor = result.Graph.Initializer[i];
            if (!moved.Contains(tensor.Name))
                continue;
            result.Graph.Initializer[i] = new TensorProto
            {
                Name = tensor.Name,
                DataType = tensor.DataType,
                Dims = { tensor.Dims },
                DataLocation = TensorProto.Types.DataLocation.External,
                ExternalData = { Entry("location", data), Entry("offset", offset), Entry("length", tensor.RawData.Length) },
            };
            offset += tensor.RawData.Length + Padding(tensor);
        }
        return result;

        static StringStringEntryProto Entry(string key, object value) =>
            new() { Key = key, Value = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}") };
    }

    private static int Padding(TensorProto tensor) => -tensor.RawData.Length & (Alignment - 1);

    private static bool IsExternal(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External;

    private static void ReadExternal(TensorProto tensor, string folder)
    {
        try
        {
            Dictionary<string, string> entries = tensor.ExternalData.ToDictionary(entry => entry.Key, entry => entry.Value);
            string path = Path.GetFullPath(Path.Combine(folder, entries["location"]));
            if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new InvalidModelException("The graph's weights are outside its folder.");
            using FileStream file = File.OpenRead(path);
            file.Position = long.Parse(entries.GetValueOrDefault("offset", "0"), System.Globalization.CultureInfo.InvariantCulture);
            byte[] bytes = new byte[entries.TryGetValue("length", out string? length)
                ? int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)
                : checked((int)(file.Length - file.Position))];
            file.ReadExactly(bytes);
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
            tensor.DataLocation = TensorProto.Types.DataLocation.Default;
            tensor.ExternalData.Clear();
        }
        catch (Exception e) when (e is IOException or KeyNotFoundException or FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidModelException($"The graph's weights in another file can't be read: {NameInFile.Sentence(e.Message)}", e);
        }
    }

    private static void WriteWhole(string path, Action<Stream> write) => WriteWhole(() => path, path, write);

    private static string WriteWhole(Func<string> name, string near, Action<Stream> write)
    {
        string unfinished = Path.Combine(Path.GetDirectoryName(near)!, $".{Path.GetFileName(near)}.{Guid.NewGuid():N}.part");
        try
        {
            using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, name(), overwrite: true);
            return name();
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static void SetMetadata(ModelProto model, IReadOnlyDictionary<string, string> metadata)
    {
        model.MetadataProps.Clear();
        model.MetadataProps.Add(metadata.Select(static entry =>
            new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
    }
}
