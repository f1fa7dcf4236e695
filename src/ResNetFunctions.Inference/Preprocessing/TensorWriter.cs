using ResNetFunctions.Inference.Decoding;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference.Preprocessing;

/// <summary>Puts lines of resampled pixels where the tensor's layout wants them.</summary>
internal readonly ref struct TensorWriter<T>(InputSpec spec, ChannelTables<T> tables, Span<T> tensor)
    where T : unmanaged
{
    private readonly Span<T> _tensor = tensor;

    private int Origin { get; init; }

    private int LineStep { get; init; }

    private int PixelStep { get; init; }

    private int ChannelStep => spec.Layout == TensorLayout.Nchw ? spec.Crop * spec.Crop : 1;

    private int ColumnStep => spec.Layout == TensorLayout.Nchw ? 1 : 3;

    private int RowStep => spec.Crop * ColumnStep;

    /// <summary>Lines are rows of the tensor's picture; the first pixel has <paramref name="left"/> pixels before it
    /// and <paramref name="top"/> rows above.</summary>
    public TensorWriter<T> Upright(int left, int top) => At(left, top, RowStep, ColumnStep);

    /// <summary>Lines are columns of the tensor's picture.</summary>
    public TensorWriter<T> Transposed(int left, int top) => At(left, top, ColumnStep, RowStep);

    /// <summary>Fills the tensor with what black pixels become.</summary>
    public void Blacken()
    {
        for (var channel = 0; channel < 3; channel++)
        {
            var black = tables[channel][0];
            if (spec.Layout == TensorLayout.Nchw)
                _tensor.Slice(channel * ChannelStep, ChannelStep).Fill(black);
            else
                for (var i = channel; i < _tensor.Length; i += 3)
                    _tensor[i] = black;
        }
    }

    /// <param name="index">The line's place, from 0.</param>
    /// <param name="line">Its RGBX pixels.</param>
    public void Write(int index, ReadOnlySpan<byte> line)
    {
        for (var channel = 0; channel < 3; channel++)
        {
            var table = tables[channel];
            var source = spec.Channels == ChannelOrder.Rgb ? channel : 2 - channel;
            var target = Origin + (index * LineStep) + (channel * ChannelStep);
            for (; source < line.Length; source += PixelBuffer.BytesPerPixel, target += PixelStep)
                _tensor[target] = table[line[source]];
        }
    }

    private TensorWriter<T> At(int left, int top, int lineStep, int pixelStep) => new(spec, tables, _tensor)
    {
        Origin = (top * RowStep) + (left * ColumnStep),
        LineStep = lineStep,
        PixelStep = pixelStep,
    };
}
