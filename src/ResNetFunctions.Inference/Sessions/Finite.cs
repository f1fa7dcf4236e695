namespace ResNetFunctions.Inference.Sessions;

/// <summary>Numbers that are neither infinite nor no number.</summary>
internal static class Finite
{
    /// <summary>Whether all of them are.</summary>
    public static bool All(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                return false;
        }
        return true;
    }
}
