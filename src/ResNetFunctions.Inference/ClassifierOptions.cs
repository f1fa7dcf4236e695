using System.ComponentModel.DataAnnotations;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Inference.Devices;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference;

/// <summary>The classifier's settings: section <c>ResNet</c> of the hosts' configuration.</summary>
public class ClassifierOptions : ModelOptions
{

    /// <summary>How many predictions an answer has where the request does not say. 1 to 1000; default 3.</summary>
    [Range(1, 1000)]
    public int Top { get; set; } = 3;

    /// <summary>The largest image in bytes. Default: 20 MiB.</summary>
    [Range(1, 1L << 30)]
    public long MaxImageBytes { get; set; } = 20L << 20;

    /// <summary>The most pixels (width times height) of one image, from its header. Default: 64 Mpixel.</summary>
    [Range(1, 1L << 29)]
    public long MaxImagePixels { get; set; } = 64_000_000;

    /// <summary>The most pixels of all images being decoded at one time; an image waits for its share.
    /// At least <see cref="MaxImagePixels"/>; default 256 Mpixel.</summary>
    [Range(1, 1L << 31)]
    public long MaxPixelsInFlight { get; set; } = 256_000_000;

    /// <summary>How many images are worked on at one time; on a GPU, those that wait for it are not counted. Default: the cores
    /// that the process may use.</summary>
    [Range(1, 1024)]
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>How many requests may wait for their turn; one more is refused as overloaded. Default: 64.</summary>
    [Range(0, 100_000)]
    public int MaxQueue { get; set; } = 64;

    /// <summary>How long a request waits for its turn before it is refused as overloaded. Default: 10 s.</summary>
    [TimeSpanRange("00:00:00.001", "01:00:00")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What turns bytes into pixels. Default: Skia, whose pixels equal Pillow's.</summary>
    [EnumDataType(typeof(ImageDecoder))]
    public ImageDecoder Decoder { get; set; } = ImageDecoder.Skia;

    /// <summary>Decode a large JPEG at the smallest scale, in eighths, whose shorter side has 512 pixels: 1.4 times
    /// quicker for 12 megapixels, and no longer torchvision's pixels. With Skia alone. Default: false.</summary>
    public bool FastDecode { get; set; }

    /// <summary>Turn images as their EXIF orientation says; torchvision does not. Default: true.</summary>
    public bool ApplyOrientation { get; set; } = true;

    /// <summary>The language of the labels where a request names none: en, or zh for a model whose labels have Chinese names
    /// beside them. Default: en.</summary>
    [Required, RegularExpression("^(en|zh)$")]
    public string Language { get; set; } = "en";

    /// <summary>How many requests have a turn at one time.</summary>
    public int Turns => TurnsOn(DeviceChoice.Device);

    // A batch that runs and one that is gathered, beside those that the processor works on.
    internal int TurnsOn(Device device) => MaxConcurrency + (device == Device.Cuda ? 2 * MaxBatch : 0);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate()
    {
        List<string> errors = [.. base.Validate()];
        if (MaxPixelsInFlight < MaxImagePixels)
            errors.Add($"{nameof(MaxPixelsInFlight)} must be at least {nameof(MaxImagePixels)}.");
        return errors;
    }

    /// <summary>The decoder that the settings name.</summary>
    /// <exception cref="UnavailableException">misconfigured: this build has none of that name.</exception>
    internal IImageDecoder CreateDecoder() => ImageDecoders.Create(Decoder, FastDecode, MaxImagePixels)
        ?? throw new UnavailableException(ErrorCode.Misconfigured, $"This build has no {Decoder} decoder.");
}
