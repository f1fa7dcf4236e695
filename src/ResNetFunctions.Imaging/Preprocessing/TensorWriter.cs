using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>Writes lines of resampled pixels in the tensor's layout.</summary>
internal readonly ref struct TensorWriter(InputSpec spec, ChannelTables tables, Span<float> tensor)
{
    private readonly Span<float> _tensor = tensor;

    private int Origin { get; init; }

    private int LineStep { get; init; }

    private int PixelStep { get; init; }

    private int ChannelStep => spec.Layout == TensorLayout.Nchw ? spec.Crop * spec.Crop : 1;

    private int ColumnStep => spec.Layout == TensorLayout.Nchw ? 1 : 3;

    private int RowStep => spec.Crop * ColumnStep;

    /// <summary>Lines are rows, after <paramref name="left"/> pixels and <paramref name="top"/> rows.</summary>
    public TensorWriter Upright(int left, int top) => At(left, top, RowStep, ColumnStep);

    /// <summary>Lines are columns.</summary>
    public TensorWriter Transposed(int left, int top) => At(left, top, ColumnStep, RowStep);

    /// <summary>Fills the tensor with black pixels.</summary>
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

    public void Write(int index, ReadOnlySpan<byte> line)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(line);
        var first = Origin + (index * LineStep);
        var length = ((pixels.Length - 1) * PixelStep) + (2 * ChannelStep) + 1;
        ref var target = ref MemoryMarshal.GetReference(_tensor.Slice(first, length)); // the one check of bounds
        ref var table0 = ref MemoryMarshal.GetReference(tables[0]);
        ref var table1 = ref MemoryMarshal.GetReference(tables[1]);
        ref var table2 = ref MemoryMarshal.GetReference(tables[2]);
        var (shift0, shift2) = spec.Channels == ChannelOrder.Rgb ? (0, 16) : (16, 0);
        nint channelStep = ChannelStep, pixelStep = PixelStep;
        foreach (var pixel in pixels)
        {
            target = Unsafe.Add(ref table0, (byte)(pixel >> shift0));
            Unsafe.Add(ref target, channelStep) = Unsafe.Add(ref table1, (byte)(pixel >> 8));
            Unsafe.Add(ref target, 2 * channelStep) = Unsafe.Add(ref table2, (byte)(pixel >> shift2));
            target = ref Unsafe.Add(ref target, pixelStep);
        }
    }

    private TensorWriter At(int left, int top, int lineStep, int pixelStep) => new(spec, tables, _tensor)
    {
        Origin = (top * RowStep) + (left * ColumnStep),
        LineStep = lineStep,
        PixelStep = pixelStep,
    };
}
