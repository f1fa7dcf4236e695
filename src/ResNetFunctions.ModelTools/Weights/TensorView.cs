using System.Runtime.InteropServices;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>A tensor as a view of a storage.</summary>
internal sealed class TensorView
{
    public const int MaxRank = 8;

    private readonly WeightStorage _storage;
    private readonly ElementType _type;
    private readonly bool _bigEndian;
    private readonly int[] _shape;
    private readonly long[] _strides;
    private readonly long _offset;
    private readonly int _count;
    private readonly long _span;

    /// <param name="storage">The storage.</param>
    /// <param name="type">The type of the storage's elements.</param>
    /// <param name="bigEndian">Whether the elements are big-endian.</param>
    /// <param name="offset">The first element, counted in elements.</param>
    /// <param name="shape">The dimensions, outermost first.</param>
    /// <param name="strides">In elements, for each dimension.</param>
    /// <exception cref="InvalidModelException">It is not within the storage.</exception>
    public TensorView(
        WeightStorage storage, ElementType type, bool bigEndian, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > MaxRank)
            throw new InvalidModelException($"A tensor has {shape.Length} dimensions and {strides.Length} strides.");

        if (offset < 0 || shape.Any(static d => d < 0) || strides.Any(static s => s < 0))
            throw new InvalidModelException("A tensor has a negative dimension, stride or offset.");

        // In 128 bits no product of 64-bit numbers can overflow.
        Int128 count = 1, span = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] > int.MaxValue || (count *= shape[i]) > int.MaxValue)
                throw new InvalidModelException("A tensor has too many elements.");
            span += (Int128)(shape[i] - 1) * strides[i];
        }

        Int128 elements = Math.Min(storage.Bytes / type.Size(), int.MaxValue);
        if (count > 0 && offset + span > elements)
            throw new InvalidModelException("A tensor reaches beyond the end of its storage.");
        if (count > elements)
            throw new InvalidModelException("A tensor has more elements than its storage: they overlap.");

        _storage = storage;
        _type = type;
        _bigEndian = bigEndian;
        _offset = offset;
        _shape = Array.ConvertAll(shape, static d => (int)d);
        _strides = strides;
        _count = (int)count;
        _span = count == 0 ? 0 : (long)span;
    }

    public WeightTensor Named(string name) => new(name, _shape, Read);

    public static long[] RowMajor(long[] shape)
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            // On overflow there are too many elements, which the constructor refuses.
            stride = unchecked(stride * Math.Max(shape[i], 1));
        }

        return strides;
    }

    private float[] Read()
    {
        float[] values = GC.AllocateUninitializedArray<float>(_count);
        if (_count == 0)
            return values;
        if (IsRowMajor())
        {
            ReadElements(values);
            return values;
        }

        float[] span = GC.AllocateUninitializedArray<float>(checked((int)_span));
        ReadElements(span);
        Gather(span, values);
        return values;
    }

    /// <summary>Whether the elements are row-major without gaps; a dimension of 1 may have any stride.</summary>
    private bool IsRowMajor()
    {
        long expected = 1;
        for (int i = _shape.Length - 1; i >= 0; i--)
        {
            if (_shape[i] != 1 && _strides[i] != expected)
                return false;
            expected *= _shape[i];
        }

        return true;
    }

    private void ReadElements(Span<float> values)
    {
        int size = _type.Size();
        bool inPlace = _type == ElementType.Float32;
        Span<byte> bytes = inPlace
            ? MemoryMarshal.AsBytes(values)
            : GC.AllocateUninitializedArray<byte>(checked(values.Length * size));
        _storage.Read(_offset * size, bytes);
        if (_bigEndian)
            _type.ReverseEndianness(bytes);
        if (!inPlace)
            _type.ToFloat32(bytes, values);
    }

    private void Gather(ReadOnlySpan<float> span, Span<float> values)
    {
        Span<int> index = stackalloc int[_shape.Length];
        long at = 0;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = span[(int)at];
            for (int d = _shape.Length - 1; d >= 0; d--)
            {
                at += _strides[d];
                if (++index[d] < _shape[d])
                    break;
                at -= _strides[d] * _shape[d];
                index[d] = 0;
            }
        }
    }
}
