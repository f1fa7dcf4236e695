using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>A float32, float16 or uint8 tensor in pinned memory that managed code fills and ONNX Runtime uses in place.</summary>
internal sealed class TensorBuffer : IDisposable
{
    private readonly Float16[]? _halves;
    private readonly byte[]? _bytes;

    public TensorBuffer(TensorElementType type, long[] shape)
    {
        // Zeros, for a warm-up runs on what is there: chance bits may be no numbers.
        Length = checked((int)shape.Aggregate(1L, (product, side) => checked(product * side)));
        if (type == TensorElementType.Float16)
        {
            _halves = GC.AllocateArray<Float16>(Length, pinned: true);
            Value = OrtValue.CreateTensorValueFromMemory(_halves, shape);
        }
        else if (type == TensorElementType.UInt8)
        {
            _bytes = GC.AllocateArray<byte>(Length, pinned: true);
            Value = OrtValue.CreateTensorValueFromMemory(_bytes, shape);
        }
        else
        {
            Singles = GC.AllocateArray<float>(Length, pinned: true);
            Value = OrtValue.CreateTensorValueFromMemory(Singles, shape);
        }
    }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>The tensor as ONNX Runtime sees it.</summary>
    public OrtValue Value { get; }

    /// <summary>The elements of a float32 tensor; null for another type.</summary>
    public float[]? Singles { get; }

    /// <summary>The elements of a float16 tensor.</summary>
    public Span<Half> Halves => MemoryMarshal.Cast<Float16, Half>(_halves.AsSpan());

    /// <summary>Writes an image's tensor.</summary>
    public void Fill(Preprocessor preprocessor, PixelBuffer pixels, Orientation orientation)
    {
        if (Singles is not null)
            preprocessor.Run(pixels, orientation, Singles);
        else if (_bytes is not null)
            preprocessor.Run(pixels, orientation, _bytes);
        else
            preprocessor.Run(pixels, orientation, Halves);
    }

    /// <summary>Copies a tensor that is there already; in uint8, rounded to what it holds.</summary>
    public void Fill(ReadOnlySpan<float> tensor)
    {
        if (Singles is not null)
        {
            tensor.CopyTo(Singles);
        }
        else if (_bytes is not null)
        {
            for (int i = 0; i < tensor.Length; i++)
                _bytes[i] = (byte)Math.Clamp(MathF.Round(tensor[i]), byte.MinValue, byte.MaxValue);
        }
        else
        {
            TensorPrimitives.ConvertToHalf(tensor, Halves);
        }
    }

    public void Dispose() => Value.Dispose();
}
