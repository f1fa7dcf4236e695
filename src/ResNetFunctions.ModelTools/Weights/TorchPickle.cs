using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Weights.Pickle;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>The names allowed in PyTorch's pickles, and their storages and tensors.</summary>
/// <param name="bigEndian">Whether numbers are big-endian.</param>
/// <param name="storage">Gets a storage by key, number of elements and element size.</param>
internal sealed class TorchPickle(bool bigEndian, Func<string, long, int, WeightStorage> storage)
{
    /// <summary>A hundred times the pickle of any network here.</summary>
    public const long MaxBytes = 4 << 20;

    private static readonly Dictionary<string, ElementType> Types = new()
    {
        ["Float"] = ElementType.Float32,
        ["Half"] = ElementType.Float16,
        ["BFloat16"] = ElementType.BFloat16,
        ["Double"] = ElementType.Float64,
        ["Long"] = ElementType.Int64,
        ["Int"] = ElementType.Int32,
        ["Short"] = ElementType.Int16,
        ["Char"] = ElementType.Int8,
        ["Byte"] = ElementType.UInt8,
        ["Bool"] = ElementType.Bool,
        // As _rebuild_tensor_v3 calls them.
        ["float32"] = ElementType.Float32,
        ["float16"] = ElementType.Float16,
        ["bfloat16"] = ElementType.BFloat16,
        ["float64"] = ElementType.Float64,
        ["int64"] = ElementType.Int64,
        ["int32"] = ElementType.Int32,
        ["int16"] = ElementType.Int16,
        ["int8"] = ElementType.Int8,
        ["uint8"] = ElementType.UInt8,
        ["bool"] = ElementType.Bool,
    };

    public object? Read(Stream stream) =>
        new PickleMachine(stream, Math.Min(MaxBytes, stream.Length - stream.Position), Find, Storage).Run();

    private PickleGlobal? Find(string name) => name switch
    {
        "collections.OrderedDict" or "__builtin__.dict" or "builtins.dict" => new(name, OrderedDict),
        "torch._utils._rebuild_tensor" => new(name, RebuildTensor),
        "torch._utils._rebuild_tensor_v2" => new(name, RebuildTensor),
        "torch._utils._rebuild_tensor_v3" => new(name, RebuildTypedTensor),
        "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" => new(name, Wrapped),
        // Tensors and parameters before torch 0.4: wrappers made by NEWOBJ.
        "torch.nn.parameter.Parameter" or "torch.autograd.variable.Variable" or "torch.Tensor" => new(name, Wrapped),
        "torch._tensor._rebuild_from_type_v2" => new(name, RebuildFromType),
        // The arguments that training scripts save beside the weights.
        "pytorch_lightning.utilities.parsing.AttributeDict" or "lightning.pytorch.utilities.parsing.AttributeDict"
            or "lightning_fabric.utilities.data.AttributeDict" or "lightning.fabric.utilities.data.AttributeDict" => new(name, OrderedDict),
        // Numbers that training scripts save beside the weights, such as the best accuracy.
        "numpy.core.multiarray.scalar" or "numpy._core.multiarray.scalar" or "numpy.dtype" or "_codecs.encode"
            or "pathlib.PosixPath" or "pathlib.WindowsPath" => new(name, _ => new PickleOpaque(name)),
        "argparse.Namespace" => new(name, _ => new PickleOpaque(name)),
        "torch.Size" => new(name, static a => a is [PickleTuple size] ? size : throw Malformed("size")),
        "torch.device" => new(name, _ => new PickleOpaque(name)),
        "torch.storage.UntypedStorage" => new(name),
        _ when ElementOf(name) is not null => new(name),
        _ => null,
    };

    /// <summary>For <c>torch.FloatStorage</c>, <c>torch.float32</c> and so on.</summary>
    private static ElementType? ElementOf(string name)
    {
        if (!name.StartsWith("torch.", StringComparison.Ordinal))
            return null;
        string type = name["torch.".Length..];
        if (type is [>= 'A' and <= 'Z', ..])
        {
            if (!type.EndsWith("Storage", StringComparison.Ordinal))
                return null;
            type = type[..^"Storage".Length];
        }

        return Types.TryGetValue(type, out ElementType element) ? element : null;
    }

    private static PickleDict OrderedDict(object?[] arguments) => arguments switch
    {
        [] => new PickleDict(),
        [List<object?> pairs] => new PickleDict(pairs),
        _ => throw Malformed("dictionary"),
    };

    /// <summary>('storage', type, key, location, number of elements) and, in the stream format, a view or None.</summary>
    private TypedStorage Storage(object? id)
    {
        if (id is not PickleTuple { Items: ["storage", PickleGlobal type, string key, _, long count, .. var view] })
            throw Malformed("storage");
        ElementType? element = ElementOf(type.Name);
        if (count < 0)
            throw Malformed("storage");
        long offset = 0;
        if (view is [PickleTuple { Items: [string, long viewOffset, long viewCount] }])
        {
            // The count is then the root's, of which the storage is a part.
            if (viewOffset < 0 || viewCount < 0 || viewOffset > count - viewCount)
                throw Malformed("storage");
            offset = viewOffset;
        }

        return new TypedStorage(storage(key, count, element?.Size() ?? 1), element, offset);
    }

    /// <summary>(storage, offset, size, stride, …); training needs the rest.</summary>
    private TensorView RebuildTensor(object?[] arguments)
    {
        if (arguments is not [TypedStorage { Type: { } type } from, long offset, PickleTuple size, PickleTuple stride, ..])
            throw Malformed("tensor");
        return View(from, type, offset, size, stride);
    }

    /// <summary>(storage, offset, size, stride, requires_grad, backward_hooks, dtype, …) of an untyped storage.</summary>
    private TensorView RebuildTypedTensor(object?[] arguments)
    {
        if (arguments is not
            [TypedStorage from, long offset, PickleTuple size, PickleTuple stride, _, _, PickleGlobal dtype, ..]
            || ElementOf(dtype.Name) is not { } type)
            throw Malformed("tensor");
        return View(from, type, offset, size, stride);
    }

    private TensorView View(TypedStorage from, ElementType type, long offset, PickleTuple size, PickleTuple stride)
    {
        if (offset < 0 || offset > long.MaxValue - from.Offset)
            throw Malformed("tensor");
        return new TensorView(
            from.Storage, type, bigEndian, from.Offset + offset, Integers(size), Integers(stride));
    }

    private static TensorView Wrapped(object?[] arguments) =>
        arguments is [TensorView tensor, ..] ? tensor : throw Malformed("parameter");

    /// <summary>(function, type, arguments, state): a tensor with Python attributes of its own.</summary>
    private static object? RebuildFromType(object?[] arguments) =>
        arguments is [PickleGlobal function, _, PickleTuple inner, ..]
            && function.Name.StartsWith("torch._utils._rebuild_", StringComparison.Ordinal)
            ? function.Invoke(inner)
            : throw Malformed("tensor");

    private static long[] Integers(PickleTuple tuple)
    {
        if (tuple.Items.Length > TensorView.MaxRank)
            throw new InvalidModelException($"A tensor has {tuple.Items.Length} dimensions.");
        return Array.ConvertAll(tuple.Items, static item => item is long n ? n : throw Malformed("tensor"));
    }

    private static InvalidModelException Malformed(string what) =>
        new($"The pickle describes a {what} in no way that PyTorch ever has.");

    /// <summary>A storage and its type; for an untyped one the tensor gives the type.</summary>
    private sealed record TypedStorage(WeightStorage Storage, ElementType? Type, long Offset);
}
