namespace ResNetFunctions.Inference.Sessions;

/// <summary>The sigmoid: 1 / (1 + exp(-x)).</summary>
internal static class Sigmoid
{
    /// <summary>Turns each logit into a probability of its own, in place.</summary>
    /// <returns>False where a logit is no number.</returns>
    public static bool InPlace(Span<float> logits)
    {
        foreach (ref float logit in logits)
        {
            if (float.IsNaN(logit))
                return false;
            logit = 1 / (1 + MathF.Exp(-logit));
        }
        return true;
    }
}
