namespace ResNetFunctions.Imaging.Preprocessing;

/// <summary>How an image becomes a model's input tensor: resize, centre crop, scale, normalise, lay out.</summary>
public sealed record InputSpec
{
    /// <summary>The length in pixels that the shorter side is resized to, as torchvision's <c>Resize(size)</c>.</summary>
    public int Resize { get; set; } = 256;

    /// <summary>The side in pixels of the square cropped from the centre, as torchvision's <c>CenterCrop(size)</c>.</summary>
    public int Crop { get; set; } = 224;

    /// <summary>The resampling filter.</summary>
    public Interpolation Interpolation { get; set; } = Interpolation.Bilinear;

    /// <summary>The order of the colour channels in the tensor.</summary>
    public ChannelOrder Channels { get; set; } = ChannelOrder.Rgb;

    /// <summary>Whether the tensor is [N,3,H,W] or [N,H,W,3].</summary>
    public TensorLayout Layout { get; set; } = TensorLayout.Nchw;

    /// <summary>What a full channel (255) is before mean and std: 1 (divided by 255) or 255 (as it is).</summary>
    public float Range { get; set; } = 1;

    /// <summary>Subtracted from each channel, in the tensor's channel order.</summary>
    public IReadOnlyList<float> Mean { get; set; } = [0.485f, 0.456f, 0.406f];

    /// <summary>Divides each channel after the mean is taken off, in the tensor's channel order.</summary>
    public IReadOnlyList<float> Std { get; set; } = [0.229f, 0.224f, 0.225f];

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

/// <summary>A resampling filter of Pillow's.</summary>
public enum Interpolation
{
    /// <summary>The triangle filter, widened by the downscale factor.</summary>
    Bilinear,

    /// <summary>The cubic filter with a = -0.5, widened by the downscale factor.</summary>
    Bicubic,
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
