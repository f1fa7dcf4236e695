using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights.Pickle;

/// <summary>A restricted pickle machine: it builds lists, tuples, dictionaries, numbers and text, and calls only the pure
/// functions of <paramref name="globals"/>. It is not recursive. Stack and memo have at most one entry for each byte of the
/// pickle, so its length limits time and memory.</summary>
/// <param name="stream">The pickle; the position is at its end afterwards.</param>
/// <param name="maxBytes">The maximum length of the pickle.</param>
/// <param name="globals">The whitelist: null for a name that is not allowed.</param>
/// <param name="persistent">Resolves a persistent id (a storage in PyTorch's files).</param>
internal sealed class PickleMachine(
    Stream stream, long maxBytes, Func<string, PickleGlobal?> globals, Func<object?, object?> persistent)
{
    private readonly PickleReader _in = new(stream, maxBytes);
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<long, object?> _memo = [];

    /// <exception cref="InvalidModelException">The pickle is malformed or needs more than data.</exception>
    /// <exception cref="EndOfStreamException">The pickle is truncated.</exception>
    public object? Run()
    {
        while (true)
        {
            var opcode = (Opcode)_in.Byte();
            if (opcode == Opcode.Stop)
                return Pop();
            Step(opcode);
        }
    }

    private void Step(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Proto: Protocol(_in.Byte()); break;
            case Opcode.Frame: _in.Int64(); break;

            case Opcode.None: Push(null); break;
            case Opcode.NewTrue: Push(true); break;
            case Opcode.NewFalse: Push(false); break;
            case Opcode.BinInt: Push((long)_in.Int32()); break;
            case Opcode.BinInt1: Push((long)_in.Byte()); break;
            case Opcode.BinInt2: Push((long)_in.UInt16()); break;
            case Opcode.Long1: Push(_in.Integer(_in.Byte())); break;
            case Opcode.Long4: Push(_in.Integer(_in.Int32())); break;
            case Opcode.Int: Push(_in.DecimalInteger(booleans: true)); break;
            case Opcode.Long: Push(_in.DecimalInteger(booleans: false)); break;
            case Opcode.Float: Push(_in.DecimalFloat()); break;
            case Opcode.BinFloat: Push(_in.BigEndianDouble()); break;

            // Python 2 wrote its byte strings, which were its text, with these two.
            case Opcode.BinString: Push(_in.Text(_in.Int32())); break;
            case Opcode.ShortBinString: Push(_in.Text(_in.Byte())); break;
            case Opcode.BinUnicode: Push(_in.Text(_in.UInt32())); break;
            case Opcode.ShortBinUnicode: Push(_in.Text(_in.Byte())); break;
            case Opcode.BinUnicode8: Push(_in.Text(_in.Int64())); break;
            case Opcode.BinBytes: Push(_in.Bytes(_in.UInt32())); break;
            case Opcode.ShortBinBytes: Push(_in.Bytes(_in.Byte())); break;
            case Opcode.BinBytes8: Push(_in.Bytes(_in.Int64())); break;

            case Opcode.Mark: _marks.Push(_stack.Count); break;
            case Opcode.Pop: Pop(); break;
            case Opcode.PopMark: PopToMark(); break;
            case Opcode.Dup: Push(Peek()); break;

            case Opcode.EmptyTuple: Push(new PickleTuple([])); break;
            case Opcode.Tuple: Push(new PickleTuple(PopToMark())); break;
            case Opcode.Tuple1: Push(new PickleTuple(Pop(1))); break;
            case Opcode.Tuple2: Push(new PickleTuple(Pop(2))); break;
            case Opcode.Tuple3: Push(new PickleTuple(Pop(3))); break;
            case Opcode.EmptyList or Opcode.EmptySet: Push(new List<object?>()); break;
            case Opcode.List: Push(new List<object?>(PopToMark())); break;
            case Opcode.Append: Append(Pop(1)); break;
            case Opcode.Appends or Opcode.AddItems: Append(PopToMark()); break;
            case Opcode.EmptyDict: Push(new PickleDict()); break;
            case Opcode.Dict:
                object?[] items = PopToMark();
                Push(new PickleDict());
                SetItems(items);
                break;
            case Opcode.SetItem: SetItems(Pop(2)); break;
            case Opcode.SetItems: SetItems(PopToMark()); break;

            case Opcode.Put: Memorise(_in.DecimalInteger(booleans: false) as long? ?? -1); break;
            case Opcode.BinPut: Memorise(_in.Byte()); break;
            case Opcode.LongBinPut: Memorise(_in.UInt32()); break;
            case Opcode.Memoize: Memorise(_memo.Count); break;
            case Opcode.Get: Push(Recall(_in.DecimalInteger(booleans: false) as long? ?? -1)); break;
            case Opcode.BinGet: Push(Recall(_in.Byte())); break;
            case Opcode.LongBinGet: Push(Recall(_in.UInt32())); break;

            case Opcode.Global: Push(Global(_in.Line(), _in.Line())); break;
            case Opcode.StackGlobal:
                object?[] names = Pop(2);
                Push(Global(names[0] as string, names[1] as string));
                break;
            case Opcode.Reduce or Opcode.NewObj: Call(Pop(2)); break;
            case Opcode.Build: SetState(Pop()); break;
            case Opcode.BinPersId: Push(persistent(Pop())); break;

            default:
                throw new InvalidModelException($"The pickle has the opcode 0x{(byte)opcode:x2}, which weights do not need.");
        }
    }

    private static void Protocol(byte version)
    {
        if (version > 5)
            throw new InvalidModelException($"The pickle is of protocol {version}; 5 is the newest known.");
    }

    private PickleGlobal Global(string? module, string? name) =>
        globals($"{module}.{name}") ?? throw new InvalidModelException(
            $"The pickle names {NameInFile.Shown($"{module}.{name}")}, which weights do not need and this reader never runs. "
            + "Save the weights alone: torch.save(model.state_dict(), file).");

    private void Call(object?[] target) =>
        Push(target[0] is PickleGlobal global
            ? global.Invoke(target[1])
            : throw new InvalidModelException("The pickle calls something that is not a name."));

    /// <summary>Objects may have state (an OrderedDict's _metadata, a Parameter's flags): none is needed.</summary>
    private void SetState(object? state)
    {
        if (Peek() is PickleDict or PickleOpaque or TensorView)
            return;
        throw new InvalidModelException($"The pickle sets the state of {(Peek() is null ? "nothing" : "plain data")}.");
    }

    private void Append(object?[] items)
    {
        if (Peek() is not List<object?> list)
            throw new InvalidModelException("The pickle appends to something that is not a list.");
        list.AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        if (Peek() is not PickleDict dict || items.Length % 2 != 0)
            throw new InvalidModelException("The pickle sets items of something that is not a dictionary.");
        for (int i = 0; i < items.Length; i += 2)
            dict.Add(items[i], items[i + 1]);
    }

    private void Memorise(long key) => _memo[key] = Peek();

    private object? Recall(long key) =>
        _memo.TryGetValue(key, out object? value)
            ? value
            : throw new InvalidModelException("The pickle refers to an object that it never described.");

    private void Push(object? value) => _stack.Add(value);

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Underflow();

    private object? Pop() => Pop(1)[0];

    private object?[] Pop(int count)
    {
        int start = _stack.Count - count;
        if (start < Floor)
            throw Underflow();
        return Take(start);
    }

    private object?[] PopToMark() => _marks.TryPop(out int mark) ? Take(mark) : throw Underflow();

    private object?[] Take(int start)
    {
        object?[] items = [.. _stack[start..]];
        _stack.RemoveRange(start, items.Length);
        return items;
    }

    /// <summary>Nothing below the last mark can be popped before the mark.</summary>
    private int Floor => _marks.TryPeek(out int mark) ? mark : 0;

    private static InvalidModelException Underflow() => new("The pickle takes more objects off its stack than it has.");
}
