using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>
/// The input and output of runs of many pictures, in memory that a device reads and writes directly where the allocator gives
/// such. A run has 1, 2, 4, … pictures, so that there are few sizes: the libraries of a GPU choose kernels for each new one. What
/// is left over in a run keeps the last pictures.
/// </summary>
internal sealed class BatchTensors : IDisposable
{
    private readonly InferenceSession _graph;
    private readonly ModelContract _contract;
    private readonly RunOptions _runOptions = new();
    private readonly OrtValue _inputs, _outputs; // of the largest run; the others' are parts of them
    private readonly (int Pictures, OrtValue[] Inputs, OrtValue[] Outputs)[] _sizes;

    /// <param name="graph">A graph whose first axes are the batch's.</param>
    /// <param name="contract">Its shapes for one picture.</param>
    /// <param name="most">How many pictures a run has at most.</param>
    /// <param name="allocator">Where the tensors are.</param>
    public BatchTensors(InferenceSession graph, ModelContract contract, int most, OrtAllocator allocator)
    {
        (_graph, _contract) = (graph, contract);
        _inputs = OrtValue.CreateAllocatedTensorValue(allocator, contract.InputType, Shape(contract.InputShape, most));
        _outputs = OrtValue.CreateAllocatedTensorValue(allocator, contract.OutputType, Shape(contract.OutputShape, most));
        _inputs.GetTensorMutableRawData().Clear(); // Chance bits may be no numbers.
        _sizes = [.. SizesUpTo(most).Select(size => (
            size,
            Part(allocator, _inputs, contract.InputType, contract.InputShape, size, most),
            Part(allocator, _outputs, contract.OutputType, contract.OutputShape, size, most)))];
    }

    /// <summary>The numbers of pictures that runs have.</summary>
    public static IEnumerable<int> SizesUpTo(int most)
    {
        for (int size = 1; size < most; size *= 2)
            yield return size;
        yield return most;
    }

    /// <summary>Runs every size once, so that no request waits for what a size's first run takes.</summary>
    public void WarmUp()
    {
        foreach ((_, OrtValue[] inputs, OrtValue[] outputs) in _sizes)
            _graph.Run(_runOptions, _contract.InputNames, inputs, _contract.OutputNames, outputs);
    }

    /// <summary>Runs pictures together: from the input of each to its output.</summary>
    public void Run(IReadOnlyList<ModelSession.Bindings> pictures)
    {
        Span<byte> inputs = _inputs.GetTensorMutableRawData(), outputs = _outputs.GetTensorMutableRawData();
        for (int i = 0; i < pictures.Count; i++)
        {
            Span<byte> input = pictures[i].Inputs[0].GetTensorMutableRawData();
            input.CopyTo(inputs[(i * input.Length)..]);
        }

        (_, OrtValue[] of, OrtValue[] to) = _sizes.First(size => size.Pictures >= pictures.Count);
        _graph.Run(_runOptions, _contract.InputNames, of, _contract.OutputNames, to);

        for (int i = 0; i < pictures.Count; i++)
        {
            Span<byte> output = pictures[i].Outputs[0].GetTensorMutableRawData();
            outputs.Slice(i * output.Length, output.Length).CopyTo(output);
        }
    }

    private static long[] Shape(long[] ofOne, int pictures) => [pictures, .. ofOne[1..]];

    private static OrtValue[] Part(OrtAllocator allocator, OrtValue whole, TensorElementType type, long[] ofOne, int size, int most)
    {
        Span<byte> memory = whole.GetTensorMutableRawData(); // not the garbage collector's: it stays where it is
        nint start;
        unsafe
        {
            start = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
        }
        return [OrtValue.CreateTensorValueWithData(allocator.Info, type, Shape(ofOne, size), start, memory.Length / most * size)];
    }

    public void Dispose()
    {
        foreach ((_, OrtValue[] inputs, OrtValue[] outputs) in _sizes)
        {
            inputs[0].Dispose();
            outputs[0].Dispose();
        }
        _inputs.Dispose();
        _outputs.Dispose();
        _runOptions.Dispose();
    }
}
