using System.IO.Hashing;
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
    public static void Write(ModelProto model, string path, IReadOnlyDictionary<string, string> metadata) =>
        Write(model, model.Graph.Initializer, path, metadata);

    /// <inheritdoc cref="Write(ModelProto, string, IReadOnlyDictionary{string, string})"/>
    /// <param name="model">The model; its metadata is replaced.</param>
    /// <param name="initializers">The graph's, instead of its own. Each is written before the next is asked for, so that they
    /// are never in memory together.</param>
    /// <param name="path">The file.</param>
    /// <param name="metadata">ONNX Runtime's custom metadata.</param>
    public static void Write(
        ModelProto model, IEnumerable<TensorProto> initializers, string path, IReadOnlyDictionary<string, string> metadata)
    {
        SetMetadata(model, metadata);
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string[] before = ModelFile.DataFilesOf(path);

        using var data = new ExternalData(path);
        TensorProto[] written = [.. initializers.Select(data.Move)];
        ModelProto result = model.Clone(); // Bytes are shared, and what this project does not know is kept.
        result.Graph.Initializer.Clear();
        result.Graph.Initializer.Add(written);
        string? file = data.Complete();
        try
        {
            WriteWhole(path, result.WriteTo);
        }
        catch when (file is not null && !before.Contains(file))
        {
            File.Delete(file);
            throw;
        }
        foreach (string old in before.Where(old => old != file))
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

    private static void WriteWhole(string path, Action<Stream> write)
    {
        string unfinished = UnfinishedNear(path);
        try
        {
            using (FileStream file = Create(unfinished))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static string UnfinishedNear(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.part");

    private static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize);

    private static void SetMetadata(ModelProto model, IReadOnlyDictionary<string, string> metadata)
    {
        model.MetadataProps.Clear();
        model.MetadataProps.Add(metadata.Select(static entry =>
            new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
    }

    /// <summary>The second file: large tensors' bytes, each from the start of a page on. There is none for a small graph.</summary>
    /// <param name="path">The graph's path.</param>
    private sealed class ExternalData(string path) : IDisposable
    {
        private readonly string _stem = Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path));
        private readonly XxHash128 _hash = new();
        private readonly List<(TensorProto Tensor, TensorProto Reference)> _held = []; // until it is clear that the graph is large
        private readonly List<TensorProto> _references = [];
        private FileStream? _file;
        private long _length;

        /// <summary>Takes a tensor's bytes.</summary>
        /// <returns>A reference to them, or the tensor itself if it is small.</returns>
        public TensorProto Move(TensorProto tensor)
        {
            if (tensor.RawData.Length < Alignment)
                return tensor;
            var reference = new TensorProto
            {
                Name = tensor.Name,
                DataType = tensor.DataType,
                Dims = { tensor.Dims },
                DataLocation = TensorProto.Types.DataLocation.External,
                ExternalData = { Entry("location", ""), Entry("offset", _length), Entry("length", tensor.RawData.Length) },
            };
            _length += tensor.RawData.Length + Padding(tensor);
            _held.Add((tensor, reference));
            if (_length >= LeastExternal)
                WriteHeld();
            return reference;
        }

        /// <summary>Gives the file its name, and the references too.</summary>
        /// <returns>Its path; null if there is none.</returns>
        public string? Complete()
        {
            if (_file is null)
            {
                // The references become tensors again.
                foreach ((TensorProto tensor, TensorProto reference) in _held)
                {
                    reference.ExternalData.Clear();
                    reference.DataLocation = TensorProto.Types.DataLocation.Default;
                    reference.RawData = tensor.RawData;
                }
                return null;
            }

            _file.Flush(flushToDisk: true);
            _file.Dispose();
            string complete = $"{_stem}.{Convert.ToHexStringLower(_hash.GetCurrentHash())[..16]}.data";
            File.Move(_file.Name, complete, overwrite: true);
            foreach (TensorProto reference in _references)
                reference.ExternalData[0].Value = Path.GetFileName(complete);
            return complete;
        }

        public void Dispose()
        {
            if (_file is null)
                return;
            _file.Dispose();
            File.Delete(_file.Name);
        }

        private void WriteHeld()
        {
            _file ??= Create(UnfinishedNear(_stem));
            Span<byte> zeros = stackalloc byte[Alignment];
            zeros.Clear();
            foreach ((TensorProto tensor, TensorProto reference) in _held)
            {
                Append(tensor.RawData.Span);
                Append(zeros[..Padding(tensor)]);
                _references.Add(reference);
            }
            _held.Clear();
        }

        private void Append(ReadOnlySpan<byte> bytes)
        {
            _file!.Write(bytes);
            _hash.Append(bytes);
        }

        private static int Padding(TensorProto tensor) => -tensor.RawData.Length & (Alignment - 1);

        private static StringStringEntryProto Entry(string key, object value) =>
            new() { Key = key, Value = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}") };
    }
}
