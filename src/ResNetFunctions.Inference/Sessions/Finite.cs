namespace ResNetFunctions.Inference.Sessions;

internal static class Finite
{
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
