using Google.Protobuf;

namespace ResNetFunctions.Inference.Onnx;

/// <summary>Model files on disk.</summary>
internal static class OnnxFile
{
    /// <summary>As much of a file is read and written at a time.</summary>
    public const int BufferSize = 1 << 20;

    /// <summary>Writes a model whole or not at all: another process sees the old file or the new one.</summary>
    /// <param name="model">The model; its metadata is replaced.</param>
    /// <param name="path">Where it goes; what stands there is replaced.</param>
    /// <param name="metadata">What ONNX Runtime gives as the model's custom metadata.</param>
    public static void Write(ModelProto model, string path, IReadOnlyDictionary<string, string> metadata)
    {
        SetMetadata(model, metadata);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        string unfinished = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.part");
        try
        {
            using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize))
            {
                model.WriteTo(file);
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

    /// <summary>Reads a model.</summary>
    /// <exception cref="InvalidModelException">The bytes are no ONNX graph.</exception>
    public static ModelProto Parse(byte[] bytes)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidModelException("The file is damaged or no ONNX graph.", e);
        }
    }

    /// <summary>The bytes that <see cref="Write"/> would write, for a process that may write nowhere.</summary>
    public static byte[] ToBytes(ModelProto model, IReadOnlyDictionary<string, string> metadata)
    {
        SetMetadata(model, metadata);
        return model.ToByteArray();
    }

    private static void SetMetadata(ModelProto model, IReadOnlyDictionary<string, string> metadata)
    {
        model.MetadataProps.Clear();
        model.MetadataProps.Add(metadata.Select(static entry =>
            new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
    }
}
