namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>How an image becomes a model's input tensor.</summary>
public sealed record InputSpec
{
    /// <summary>How a picture of any shape becomes a square.</summary>
    public Framing Framing { get; set; } = Framing.Crop;

    /// <summary>The length of the shorter side after the resize, in pixels: torchvision's <c>Resize(size)</c>. For <see
    /// cref="Framing.Crop"/> only.</summary>
    public int Resize { get; set; } = 256;

    /// <summary>The side of the input, in pixels: torchvision's <c>CenterCrop(size)</c>.</summary>
    public int Crop { get; set; } = 224;

    /// <summary>The resampling filter.</summary>
    public Interpolation Interpolation { get; set; } = Interpolation.Bilinear;

    /// <summary>The order of the colour channels.</summary>
    public ChannelOrder Channels { get; set; } = ChannelOrder.Rgb;

    /// <summary>[N,3,H,W] or [N,H,W,3].</summary>
    public TensorLayout Layout { get; set; } = TensorLayout.Nchw;

    /// <summary>What 255 becomes before mean and std: 1 or 255.</summary>
    public float Range { get; set; } = 1;

    /// <summary>Subtracted from each channel, in the tensor's channel order.</summary>
    public IReadOnlyList<float> Mean { get; set; } = [0.485f, 0.456f, 0.406f];

    /// <summary>Divides each channel after the mean is subtracted, in the tensor's channel order.</summary>
    public IReadOnlyList<float> Std { get; set; } = [0.229f, 0.224f, 0.225f];

    /// <summary>Whether the tensor holds the pixels unchanged, as a uint8 input needs.</summary>
    internal bool KeepsPixels => Range == 255 && Mean.All(v => v == 0) && Std.All(v => v == 1);

    internal string? Problem()
    {
        if (Resize is < 1 or > 4096 || Crop is < 1 or > 4096)
            return "resize and crop must be 1 to 4096 pixels.";
        if (Range is not (1 or 255))
            return "range must be 1 or 255.";
        if (Mean.Count != 3 || Std.Count != 3 || !Mean.All(float.IsFinite) || !Std.All(v => float.IsFinite(v) && v != 0))
            return "mean and std must each be three finite numbers, those of std not 0.";
        return null;
    }
}

/// <summary>How a picture of any shape becomes a square.</summary>
public enum Framing
{
    /// <summary>Resizes the shorter side to <see cref="InputSpec.Resize"/> and crops the centre, as torchvision
    /// does.</summary>
    Crop,

    /// <summary>Crops the centre square and resizes it, as Pillow's <c>ImageOps.fit</c> does.</summary>
    Fit,

    /// <summary>Resizes both sides to <see cref="InputSpec.Crop"/>.</summary>
    Squash,
}

/// <summary>Pillow's resampling filters.</summary>
public enum Interpolation
{
    /// <summary>The triangle filter, widened by the downscale factor.</summary>
    Bilinear,

    /// <summary>The cubic filter with a = -0.5, widened by the downscale factor.</summary>
    Bicubic,

    /// <summary>The sinc filter cut off after three zeros, widened by the downscale factor.</summary>
    Lanczos,
}

/// <summary>The order of the colour channels.</summary>
public enum ChannelOrder
{
    /// <summary>Red first.</summary>
    Rgb,

    /// <summary>Blue first.</summary>
    Bgr,
}

/// <summary>The order of the tensor's axes.</summary>
public enum TensorLayout
{
    /// <summary>[N, 3, H, W].</summary>
    Nchw,

    /// <summary>[N, H, W, 3].</summary>
    Nhwc,
}
