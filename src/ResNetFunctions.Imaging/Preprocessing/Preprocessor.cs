using ResNetFunctions.Imaging.Decoding;

namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>
/// Turns decoded pixels into a model's input tensor exactly as torchvision does from a PIL image (Resize, CenterCrop,
/// ToTensor, Normalize), or Pillow where the model wants another framing. Immutable and thread-safe.
/// </summary>
internal sealed class Preprocessor
{
    private readonly InputSpec _spec;
    private readonly ResizeFilter _filter;
    private readonly ChannelTables<float> _floats;
    private readonly ChannelTables<Half> _halves;
    private readonly ChannelTables<byte> _bytes;

    /// <param name="spec">One that its manifest has found to be valid.</param>
    public Preprocessor(InputSpec spec)
    {
        _spec = spec;
        _filter = ResizeFilter.Of(spec.Interpolation);
        _floats = new ChannelTables<float>(spec, value => value);
        _halves = new ChannelTables<Half>(spec, value => (Half)value);
        _bytes = new ChannelTables<byte>(spec, value => (byte)value);
    }

    /// <summary>How many elements the tensor of one image has.</summary>
    public int TensorLength => 3 * _spec.Crop * _spec.Crop;

    /// <summary>The pixels that the tensor of a picture is made of: its crop, and what resampling reads around it.</summary>
    /// <param name="spec">The model's input.</param>
    /// <param name="width">The picture's, as stored.</param>
    /// <param name="height">The picture's, as stored.</param>
    /// <param name="orientation">How it is to be shown.</param>
    public static PixelRegion RegionOf(InputSpec spec, int width, int height, Orientation orientation)
    {
        var filter = ResizeFilter.Of(spec.Interpolation);
        var (columns, rows) = AxesOf(spec, width, height, orientation);
        var (left, right) = ResizeKernelMap.ReachOf(filter, columns, orientation.FlipsColumns);
        var (top, bottom) = ResizeKernelMap.ReachOf(filter, rows, orientation.FlipsRows);
        return new PixelRegion(left, top, right, bottom);
    }

    /// <summary>Fills the float32 tensor of one image.</summary>
    /// <param name="pixels">The pixels as stored.</param>
    /// <param name="orientation">How they are to be shown; TopLeft leaves them as stored.</param>
    /// <param name="tensor"><see cref="TensorLength"/> elements.</param>
    public void Run(PixelBuffer pixels, Orientation orientation, Span<float> tensor) =>
        Run(pixels, orientation, tensor, _floats);

    /// <summary>Fills the float16 tensor of one image: the float32 values, rounded.</summary>
    /// <inheritdoc cref="Run(PixelBuffer, Orientation, Span{float})"/>
    public void Run(PixelBuffer pixels, Orientation orientation, Span<Half> tensor) =>
        Run(pixels, orientation, tensor, _halves);

    /// <summary>Fills the uint8 tensor of one image: the pixels as they are, for a spec that changes no value.</summary>
    /// <inheritdoc cref="Run(PixelBuffer, Orientation, Span{float})"/>
    public void Run(PixelBuffer pixels, Orientation orientation, Span<byte> tensor) =>
        Run(pixels, orientation, tensor, _bytes);

    private void Run<T>(PixelBuffer pixels, Orientation orientation, Span<T> tensor, ChannelTables<T> tables)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tensor.Length, TensorLength);
        var (acrossColumns, acrossRows) = AxesOf(_spec, pixels.Width, pixels.Height, orientation);
        var layout = new TensorWriter<T>(_spec, tables, tensor);
        if (acrossColumns.Count < _spec.Crop || acrossRows.Count < _spec.Crop)
            layout.Blacken();
        using var columns = ResizeKernelMap.Create(_filter, acrossColumns, orientation.FlipsColumns);
        using var rows = ResizeKernelMap.Create(_filter, acrossRows, orientation.FlipsRows);
        if (orientation.SwapsAxes)
            RowsThenColumns(pixels, rows, columns, layout.Transposed(acrossRows.Padding, acrossColumns.Padding));
        else
            ColumnsThenRows(pixels, columns, rows, layout.Upright(acrossColumns.Padding, acrossRows.Padding));
    }

    // As stored: what is shown as rows may be columns of it.
    private static (CropAxis Columns, CropAxis Rows) AxesOf(InputSpec spec, int width, int height, Orientation orientation)
    {
        if (!orientation.SwapsAxes)
            return CropAxis.Of(width, height, spec);
        var (horizontal, vertical) = CropAxis.Of(height, width, spec);
        return (vertical, horizontal);
    }

    // Both passes round to 8 bits, so their order matters: Pillow's is horizontal first, as the picture is shown.
    private static unsafe void ColumnsThenRows<T>(
        PixelBuffer pixels, in ResizeKernelMap columns, in ResizeKernelMap rows, TensorWriter<T> tensor)
        where T : unmanaged
    {
        var (first, end) = rows.Reach;
        using var narrow = new PixelBuffer(columns.Count, end - first);
        for (var y = first; y < end; y++)
            Resampler.AlongRow(pixels.RowPointer(y), columns, narrow.RowPointer(y - first));

        using var line = new PixelBuffer(columns.Count, 1);
        for (var y = 0; y < rows.Count; y++)
        {
            Resampler.AcrossRows(
                narrow.RowPointer(rows.Starts[y] - first), narrow.Stride, rows.WeightsOf(y), line.Pointer, (int)line.Stride);
            tensor.Write(y, line.Row(0));
        }
    }

    private static unsafe void RowsThenColumns<T>(
        PixelBuffer pixels, in ResizeKernelMap rows, in ResizeKernelMap columns, TensorWriter<T> tensor)
        where T : unmanaged
    {
        var (first, end) = columns.Reach;
        using var low = new PixelBuffer(end - first, 1);
        using var line = new PixelBuffer(columns.Count, 1);
        for (var y = 0; y < rows.Count; y++)
        {
            Resampler.AcrossRows(
                pixels.RowPointer(rows.Starts[y]) + ((nint)first * PixelBuffer.BytesPerPixel),
                pixels.Stride, rows.WeightsOf(y), low.Pointer, checked((int)low.Stride));
            Resampler.AlongRow(low.Pointer - ((nint)first * PixelBuffer.BytesPerPixel), columns, line.Pointer);
            tensor.Write(y, line.Row(0));
        }
    }
}
