namespace ResNetFunctions.Inference.Sessions;

/// <summary>Softmax: exp(x_i) / sum of exp(x_j).</summary>
internal static class Softmax
{
    /// <summary>Turns logits into probabilities in place. The maximum is taken off first, so that exp never
    /// overflows; the sum is kept in double precision.</summary>
    /// <returns>False where a logit is no finite number, and nothing is changed that could be used.</returns>
    public static bool InPlace(Span<float> logits)
    {
        float max = float.NegativeInfinity;
        foreach (float logit in logits)
        {
            if (!float.IsFinite(logit))
                return false;
            max = MathF.Max(max, logit);
        }

        double sum = 0;
        foreach (ref float logit in logits)
            sum += logit = MathF.Exp(logit - max);

        float scale = (float)(1 / sum);
        foreach (ref float probability in logits)
            probability *= scale;
        return true;
    }
}
