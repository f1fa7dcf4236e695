namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>The tensor's value for each of a channel's 256 values: ToTensor and Normalize in float32, computed
/// once.</summary>
internal sealed class ChannelTables(InputSpec spec)
{
    private readonly float[][] _tables = [.. Enumerable.Range(0, 3).Select(channel => TableOf(spec, channel))];

    /// <param name="channel">The channel's place in the tensor.</param>
    public ReadOnlySpan<float> this[int channel] => _tables[channel];

    private static float[] TableOf(InputSpec spec, int channel)
    {
        var table = new float[256];
        for (var value = 0; value < table.Length; value++)
        {
            var scaled = spec.Range == 1 ? value / 255f : value;
            table[value] = (scaled - spec.Mean[channel]) / spec.Std[channel];
        }
        return table;
    }
}
