using System.Collections;
using System.Diagnostics.CodeAnalysis;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Weights.Pickle;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>A network's weights by torchvision's names, in file order. Opening a file reads and checks the descriptions of
/// its tensors. Their numbers are read on demand, as float32, until the dictionary is disposed.</summary>
internal sealed class StateDict : IReadOnlyDictionary<string, WeightTensor>, IDisposable
{
    private readonly OrderedDictionary<string, WeightTensor> _tensors;
    private readonly IDisposable? _source;

    public StateDict(IEnumerable<WeightTensor> tensors)
        : this(tensors, null)
    {
    }

    private StateDict(IEnumerable<WeightTensor> tensors, IDisposable? source)
    {
        _tensors = [];
        _source = source;
        foreach (WeightTensor tensor in tensors)
        {
            if (!NameInFile.IsTensorName(tensor.Name))
                throw new InvalidModelException($"A tensor is named {NameInFile.Shown(tensor.Name)}.");
            _tensors[tensor.Name] = tensor;
        }
    }

    public WeightTensor this[string name] => _tensors.TryGetValue(name, out WeightTensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"The weights have no tensor {name}.");

    public IEnumerable<string> Keys => _tensors.Keys;

    public IEnumerable<WeightTensor> Values => _tensors.Values;

    public int Count => _tensors.Count;

    /// <summary>Opens a .pth of either format of torch.save, or a .safetensors, by its first bytes.</summary>
    /// <exception cref="InvalidModelException">The file is none of these, is damaged, or needs more than data.</exception>
    public static StateDict Read(string path)
    {
        string name = Path.GetFileName(path);
        FileStream file = Explained(name, () =>
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete));
        try
        {
            return Explained(name, () => new StateDict(
                Tensors(file).Select(tensor => tensor.With(read => Explained(name, read))), file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out WeightTensor value) => _tensors.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, WeightTensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => _source?.Dispose();

    private static IEnumerable<WeightTensor> Tensors(FileStream file)
    {
        Span<byte> start = stackalloc byte[9];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        return start switch
        {
            [(byte)'P', (byte)'K', 3, 4, ..] => Tensors(TorchZip.Read(file)),
            [0x80, ..] => Tensors(TorchStream.Read(file)),
            [_, _, _, _, _, _, _, _, (byte)'{'] => Safetensors.Read(file),
            [] => throw new InvalidModelException("The file is empty."),
            _ => throw new InvalidModelException("The file is neither what torch.save writes nor safetensors."),
        };
    }

    /// <summary>A state_dict, or a training checkpoint that has one.</summary>
    private static IEnumerable<WeightTensor> Tensors(object? saved)
    {
        if (saved is not PickleDict dict)
            throw new InvalidModelException("The file holds no state_dict.");
        List<KeyValuePair<string, object?>> entries = [.. dict.Entries()];
        foreach (string wrapper in (string[])["state_dict", "model", "model_state_dict", "net"])
        {
            if (entries.LastOrDefault(entry => entry.Key == wrapper).Value is PickleDict inner)
                entries = [.. inner.Entries()];
        }

        return Unprefixed(entries).Select(static entry => entry.Value is TensorView view
            ? view.Named(entry.Key)
            : throw new InvalidModelException($"The state_dict's {NameInFile.Shown(entry.Key)} is not a tensor."));
    }

    /// <summary>Removes the prefixes of DataParallel and torch.compile.</summary>
    private static List<KeyValuePair<string, object?>> Unprefixed(List<KeyValuePair<string, object?>> entries)
    {
        foreach (string prefix in (string[])["module.", "_orig_mod.", "module."])
        {
            if (entries.Count > 0 && entries.TrueForAll(e => e.Key.StartsWith(prefix, StringComparison.Ordinal)))
                entries = entries.ConvertAll(e => KeyValuePair.Create(e.Key[prefix.Length..], e.Value));
        }

        return entries;
    }

    /// <summary>Turns any exception from a hostile file into a message without its folder.</summary>
    private static T Explained<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (OutOfMemoryException or ObjectDisposedException))
        {
            string fault = e switch
            {
                InvalidModelException => e.Message,
                EndOfStreamException => "The file is cut off.",
                FileNotFoundException or DirectoryNotFoundException => "There is no such file.",
                UnauthorizedAccessException => "The file may not be read.",
                InvalidDataException => "The file is damaged.",
                IOException => "The file can't be read.",
                _ => "The file is damaged.",
            };
            throw new InvalidModelException($"{file}: {fault}", e);
        }
    }
}
