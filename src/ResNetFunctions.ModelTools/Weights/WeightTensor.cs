using System.Numerics.Tensors;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>A named float32 tensor whose values are read on demand.</summary>
/// <param name="name">Its name in the state_dict.</param>
/// <param name="shape">The dimensions, outermost first; none for a scalar.</param>
/// <param name="read">Returns a new array of the values, row-major.</param>
internal sealed class WeightTensor(string name, int[] shape, Func<float[]> read)
{
    public string Name { get; } = name;

    public IReadOnlyList<int> Shape { get; } = shape;

    /// <exception cref="InvalidModelException">The file is damaged, or a number is not finite.</exception>
    public float[] Read()
    {
        float[] values = read();
        return AreFinite(values)
            ? values
            : throw new InvalidModelException($"The tensor {Name} holds a number that is not finite.");
    }

    /// <summary>With an infinity or NaN the largest magnitude would be one.</summary>
    public static bool AreFinite(float[] values) =>
        values.Length == 0 || float.IsFinite(TensorPrimitives.MaxMagnitude<float>(values));

    public WeightTensor Named(string other) => new(other, shape, read);

    public WeightTensor With(Func<Func<float[]>, float[]> reading) => new(Name, shape, () => reading(read));

    public static string Describe(IEnumerable<int> shape) => $"[{string.Join(", ", shape)}]";
}
