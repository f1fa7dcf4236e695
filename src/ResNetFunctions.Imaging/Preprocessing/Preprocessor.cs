using System.Buffers;
using System.Numerics.Tensors;
using ResNetFunctions.Imaging.Decoding;

namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>Turns pixels into a model's input tensor exactly as torchvision (Resize, CenterCrop, ToTensor, Normalize) or
/// Pillow does. Immutable and thread-safe.</summary>
/// <remarks>Not generic in the element type: generic code over float is not precompiled (ReadyToRun).</remarks>
internal sealed class Preprocessor
{
    private readonly InputSpec _spec;
    private readonly ResizeFilter _filter;
    private readonly ChannelTables _tables;

    /// <param name="spec">A valid one.</param>
    public Preprocessor(InputSpec spec)
    {
        _spec = spec;
        _filter = ResizeFilter.Of(spec.Interpolation);
        _tables = new ChannelTables(spec);
    }

    public int TensorLength => 3 * _spec.Crop * _spec.Crop;

    /// <summary>The pixels that are needed: the crop, and what resampling reads beyond it.</summary>
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
    /// <param name="orientation">How they are shown.</param>
    /// <param name="tensor"><see cref="TensorLength"/> elements.</param>
    public void Run(PixelBuffer pixels, Orientation orientation, Span<float> tensor)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tensor.Length, TensorLength);
        var (acrossColumns, acrossRows) = AxesOf(_spec, pixels.Width, pixels.Height, orientation);
        var layout = new TensorWriter(_spec, _tables, tensor);
        if (acrossColumns.Count < _spec.Crop || acrossRows.Count < _spec.Crop)
            layout.Blacken();
        using var columns = ResizeKernelMap.Create(_filter, acrossColumns, orientation.FlipsColumns);
        using var rows = ResizeKernelMap.Create(_filter, acrossRows, orientation.FlipsRows);
        if (orientation.SwapsAxes)
            RowsThenColumns(pixels, rows, columns, layout.Transposed(acrossRows.Padding, acrossColumns.Padding));
        else
            ColumnsThenRows(pixels, columns, rows, layout.Upright(acrossColumns.Padding, acrossRows.Padding));
    }

    /// <summary>Fills the float16 tensor: the float32 values, rounded.</summary>
    public void Run(PixelBuffer pixels, Orientation orientation, Span<Half> tensor)
    {
        var singles = ArrayPool<float>.Shared.Rent(tensor.Length);
        try
        {
            Run(pixels, orientation, singles.AsSpan(0, tensor.Length));
            TensorPrimitives.ConvertToHalf(singles.AsSpan(0, tensor.Length), tensor);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(singles);
        }
    }

    /// <summary>Fills the uint8 tensor with the pixels unchanged.</summary>
    public void Run(PixelBuffer pixels, Orientation orientation, Span<byte> tensor)
    {
        var singles = ArrayPool<float>.Shared.Rent(tensor.Length);
        try
        {
            Run(pixels, orientation, singles.AsSpan(0, tensor.Length));
            for (var i = 0; i < tensor.Length; i++)
                tensor[i] = (byte)singles[i];
        }
        finally
        {
            ArrayPool<float>.Shared.Return(singles);
        }
    }

    // As stored: rows that are shown may be stored as columns.
    private static (CropAxis Columns, CropAxis Rows) AxesOf(InputSpec spec, int width, int height, Orientation orientation)
    {
        if (!orientation.SwapsAxes)
            return CropAxis.Of(width, height, spec);
        var (horizontal, vertical) = CropAxis.Of(height, width, spec);
        return (vertical, horizontal);
    }

    // Both passes round to 8 bits, so the order matters. Pillow resizes horizontally first, as the picture is shown.
    private static unsafe void ColumnsThenRows(
        PixelBuffer pixels, in ResizeKernelMap columns, in ResizeKernelMap rows, TensorWriter tensor)
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

    private static unsafe void RowsThenColumns(
        PixelBuffer pixels, in ResizeKernelMap rows, in ResizeKernelMap columns, TensorWriter tensor)
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
