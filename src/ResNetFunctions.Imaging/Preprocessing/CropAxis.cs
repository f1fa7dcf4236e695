namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>One axis of torchvision's <c>Resize</c> and <c>CenterCrop</c>: which of its resized samples are kept.
/// All lengths are 64-bit, since a picture of one row can be resized to billions of columns.</summary>
/// <param name="Source">Samples before the resize.</param>
/// <param name="Resized">Samples after it, before the crop.</param>
/// <param name="First">The first resized sample that the crop keeps.</param>
/// <param name="Count">How many it keeps.</param>
/// <param name="Padding">Black samples before them, where the crop is longer than the resized picture.</param>
internal readonly record struct CropAxis(long Source, long Resized, long First, int Count, int Padding)
{
    /// <summary>The horizontal and vertical axes of a picture that is shown with this width and height.</summary>
    public static (CropAxis Horizontal, CropAxis Vertical) Of(long width, long height, int resize, int crop)
    {
        var (shorter, longer) = width <= height ? (width, height) : (height, width);
        var resizedLonger = (long)((double)(resize * longer) / shorter);
        var (resizedWidth, resizedHeight) = width <= height ? (resize, resizedLonger) : (resizedLonger, (long)resize);
        return (Crop(width, resizedWidth, crop), Crop(height, resizedHeight, crop));
    }

    private static CropAxis Crop(long source, long resized, int crop)
    {
        if (crop > resized)
            return new CropAxis(source, resized, 0, (int)resized, (int)(crop - resized) / 2);
        var margin = resized - crop;
        var first = (margin / 2) + (margin % 2 & margin / 2 % 2); // Python's round(margin / 2.0): half to even
        return new CropAxis(source, resized, first, crop, 0);
    }
}
