using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights.Pickle;

internal sealed record PickleTuple(object?[] Items);

/// <summary>A Python dict in insertion order. Keys are not hashed: a hostile file may nest them without end.</summary>
/// <param name="pairs">The list of [key, value] pairs, if any. Not copied: a hostile file may make many dictionaries of one
/// long list.</param>
internal sealed class PickleDict(List<object?>? pairs = null)
{
    private readonly List<KeyValuePair<object?, object?>> _items = [];

    public void Add(object? key, object? value) => _items.Add(new(key, value));

    /// <summary>The entries with text keys; weights need no others.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Entries()
    {
        foreach (object? pair in pairs ?? [])
        {
            IReadOnlyList<object?>? items = pair as List<object?> ?? (pair as PickleTuple)?.Items as IReadOnlyList<object?>;
            if (items is [string name, var member])
                yield return new(name, member);
        }

        foreach ((object? key, object? value) in _items)
        {
            if (key is string text)
                yield return new(text, value);
        }
    }
}

/// <summary>A name of the whitelist.</summary>
/// <param name="Name">Such as <c>collections.OrderedDict</c>.</param>
/// <param name="Call">Makes an object from the arguments; null if it is not callable.</param>
internal sealed record PickleGlobal(string Name, Func<object?[], object?>? Call = null)
{
    public object? Invoke(object? arguments) =>
        Call is not null && arguments is PickleTuple tuple
            ? Call(tuple.Items)
            : throw new InvalidModelException($"The pickle calls {Name}, which it may not.");
}

/// <summary>An object that weights do not need; its state is dropped.</summary>
internal sealed record PickleOpaque(string Name);
