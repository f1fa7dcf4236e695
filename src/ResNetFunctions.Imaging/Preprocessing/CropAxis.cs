namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>One axis of a picture's resize and crop. Lengths are 64-bit: a picture of one row can be resized to billions of
/// columns.</summary>
/// <param name="Source">The picture's samples. Resizing reads a little beyond the resized part.</param>
/// <param name="Start">The start of the resized part.</param>
/// <param name="Length">The length of the resized part.</param>
/// <param name="Resized">Samples after the resize, before the crop.</param>
/// <param name="First">The first resized sample that is kept.</param>
/// <param name="Count">How many are kept.</param>
/// <param name="Padding">Black samples in front, if the crop is longer than the resized picture.</param>
internal readonly record struct CropAxis(
    long Source, double Start, double Length, long Resized, long First, int Count, int Padding)
{
    /// <summary>Source samples for each resized one.</summary>
    public double Scale => Length / Resized;

    /// <summary>The axes of a picture that is shown with this width and height.</summary>
    public static (CropAxis Horizontal, CropAxis Vertical) Of(long width, long height, InputSpec spec) => spec.Framing switch
    {
        Framing.Fit => (Fit(width, Math.Min(width, height), spec.Crop), Fit(height, Math.Min(width, height), spec.Crop)),
        Framing.Squash => (Fit(width, width, spec.Crop), Fit(height, height, spec.Crop)),
        _ => ResizeAndCrop(width, height, spec.Resize, spec.Crop),
    };

    // torchvision's Resize and CenterCrop.
    private static (CropAxis, CropAxis) ResizeAndCrop(long width, long height, int resize, int crop)
    {
        var (shorter, longer) = width <= height ? (width, height) : (height, width);
        var resizedLonger = (long)((double)(resize * longer) / shorter);
        var (resizedWidth, resizedHeight) = width <= height ? (resize, resizedLonger) : (resizedLonger, (long)resize);
        return (Crop(width, resizedWidth, crop), Crop(height, resizedHeight, crop));
    }

    private static CropAxis Crop(long source, long resized, int crop)
    {
        if (crop > resized)
            return new CropAxis(source, 0, source, resized, 0, (int)resized, (int)(crop - resized) / 2);
        var margin = resized - crop;
        var first = (margin / 2) + (margin % 2 & margin / 2 % 2); // Python's round(margin / 2.0): half to even
        return new CropAxis(source, 0, source, resized, first, crop, 0);
    }

    // ImageOps.fit: the box may begin within a sample. Pillow keeps its ends as float32.
    private static CropAxis Fit(long source, long length, int side)
    {
        var start = (source - length) * 0.5;
        float first = (float)start, end = (float)(start + length);
        return new CropAxis(source, first, end - first, side, 0, side, 0);
    }
}
