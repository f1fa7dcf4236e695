using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Weights;

namespace ResNetFunctions.ModelTools.Onnx;

/// <param name="Module">The module's name.</param>
/// <param name="Epsilon">Added to the variance.</param>
internal sealed record BatchNorm(string Module, double Epsilon = 1e-5);

/// <summary>A convolution or linear layer, filled from a state_dict.</summary>
/// <param name="Module">The module's name.</param>
/// <param name="WeightShape">Output channels first.</param>
/// <param name="Norm">Folded into weights and bias; without one the layer has a bias.</param>
internal sealed record Layer(string Module, int[] WeightShape, BatchNorm? Norm)
{
    private int Channels => WeightShape[0];

    public IEnumerable<(string Name, int[] Shape)> Tensors()
    {
        yield return (Module + ".weight", WeightShape);
        if (Norm is null)
        {
            yield return (Module + ".bias", [Channels]);
            yield break;
        }

        yield return (Norm.Module + ".weight", [Channels]);
        yield return (Norm.Module + ".bias", [Channels]);
        yield return (Norm.Module + ".running_mean", [Channels]);
        yield return (Norm.Module + ".running_var", [Channels]);
    }

    public Layer With(double epsilon) => this with { Norm = Norm is null ? null : Norm with { Epsilon = epsilon } };

    public IEnumerable<TensorProto> Fill(StateDict weights)
    {
        float[] weight = weights[Module + ".weight"].Read();
        float[] bias = Norm is null ? weights[Module + ".bias"].Read() : Fold(weight, Norm, weights);
        yield return Initializer.Of(Module + ".weight", WeightShape, weight);
        yield return Initializer.Of(Module + ".bias", [Channels], bias);
    }

    /// <summary>y = (conv(x) - mean) / sqrt(var + eps) * gamma + beta is a convolution again. In double, so that each weight
    /// is rounded once.</summary>
    private float[] Fold(float[] weight, BatchNorm norm, StateDict weights)
    {
        float[] gamma = weights[norm.Module + ".weight"].Read();
        float[] beta = weights[norm.Module + ".bias"].Read();
        float[] mean = weights[norm.Module + ".running_mean"].Read();
        float[] variance = weights[norm.Module + ".running_var"].Read();
        int perChannel = weight.Length / Channels;
        for (int c = 0; c < Channels; c++)
        {
            if (variance[c] < 0)
                throw new InvalidModelException($"The tensor {norm.Module}.running_var holds a negative variance.");
            double scale = gamma[c] / Math.Sqrt(variance[c] + norm.Epsilon);
            foreach (ref float w in weight.AsSpan(c * perChannel, perChannel))
                w = (float)(w * scale);
            beta[c] = (float)(beta[c] - (mean[c] * scale));
        }

        if (!WeightTensor.AreFinite(weight) || !WeightTensor.AreFinite(beta))
            throw new InvalidModelException($"{norm.Module} scales {Module} beyond what float32 can hold.");
        return beta;
    }
}
