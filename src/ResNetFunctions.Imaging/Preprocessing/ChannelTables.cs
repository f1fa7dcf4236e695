namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>What each of the 256 values of a channel becomes in the tensor: the float32 operations of ToTensor and
/// Normalize, done once.</summary>
internal sealed class ChannelTables<T>(InputSpec spec, Func<float, T> convert)
    where T : unmanaged
{
    private readonly T[][] _tables = [.. Enumerable.Range(0, 3).Select(channel => TableOf(spec, channel, convert))];

    /// <param name="channel">The channel's place in the tensor.</param>
    public ReadOnlySpan<T> this[int channel] => _tables[channel];

    private static T[] TableOf(InputSpec spec, int channel, Func<float, T> convert)
    {
        var table = new T[256];
        for (var value = 0; value < table.Length; value++)
        {
            var scaled = spec.Range == 1 ? value / 255f : value;
            table[value] = convert((scaled - spec.Mean[channel]) / spec.Std[channel]);
        }
        return table;
    }
}
