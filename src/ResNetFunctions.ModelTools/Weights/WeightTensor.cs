using System.Numerics.Tensors;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.ModelTools.Weights;

/// <summary>A named array of float32 numbers whose values are read when they are needed.</summary>
/// <param name="name">Its name in the state_dict.</param>
/// <param name="shape">Its dimensions, outermost first; none for a scalar.</param>
/// <param name="read">Gives its values, row-major, in an array of the caller's own.</param>
internal sealed class WeightTensor(string name, int[] shape, Func<float[]> read)
{
    public string Name { get; } = name;

    public IReadOnlyList<int> Shape { get; } = shape;

    /// <summary>Its values, row-major, in an array that the caller may change.</summary>
    /// <exception cref="InvalidModelException">The file is damaged, or a number is infinite or not a number.</exception>
    public float[] Read()
    {
        float[] values = read();
        return AreFinite(values)
            ? values
            : throw new InvalidModelException($"The tensor {Name} holds a number that is not finite.");
    }

    /// <summary>Whether there is no infinity and no NaN among the values: the largest would be one.</summary>
    public static bool AreFinite(float[] values) =>
        values.Length == 0 || float.IsFinite(TensorPrimitives.MaxMagnitude<float>(values));

    /// <summary>The same tensor by another name.</summary>
    public WeightTensor Named(string other) => new(other, shape, read);

    /// <summary>The same tensor, read in another way.</summary>
    public WeightTensor With(Func<Func<float[]>, float[]> reading) => new(Name, shape, () => reading(read));

    public static string Describe(IEnumerable<int> shape) => $"[{string.Join(", ", shape)}]";
}
