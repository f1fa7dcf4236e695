using System.ComponentModel.DataAnnotations;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Inference.Devices;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference;

/// <summary>The classifier's settings: section <c>ResNet</c>.</summary>
public class ClassifierOptions : ModelOptions
{
    /// <summary>How many predictions an answer has by default. 1 to 1000; default 3.</summary>
    [Range(1, 1000)]
    public int Top { get; set; } = 3;

    /// <summary>The largest image in bytes. Default: 20 MiB.</summary>
    [Range(1, 1L << 30)]
    public long MaxImageBytes { get; set; } = 20L << 20;

    /// <summary>The maximum pixels (width times height) of an image, from its header. Default: 64 Mpixel.</summary>
    [Range(1, 1L << 29)]
    public long MaxImagePixels { get; set; } = 64_000_000;

    /// <summary>The maximum pixels of all images that are decoded at one time. At least <see cref="MaxImagePixels"/>;
    /// default 256 Mpixel.</summary>
    [Range(1, 1L << 31)]
    public long MaxPixelsInFlight { get; set; } = 256_000_000;

    /// <summary>How many images are processed at one time; on a GPU, those that wait for it are not counted. Default: the cores
    /// that the process may use.</summary>
    [Range(1, 1024)]
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>How many requests may wait for a turn; one more is refused as overloaded. Default: 64.</summary>
    [Range(0, 100_000)]
    public int MaxQueue { get; set; } = 64;

    /// <summary>How long a request waits for a turn before it is refused as overloaded. Default: 10 s.</summary>
    [TimeSpanRange("00:00:00.001", "01:00:00")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The decoder. Default: Skia, whose pixels equal Pillow's.</summary>
    [EnumDataType(typeof(ImageDecoder))]
    public ImageDecoder Decoder { get; set; } = ImageDecoder.Skia;

    /// <summary>Decode a large JPEG at the smallest scale, in eighths, whose shorter side has 512 pixels: 1.4 times faster
    /// for 12 megapixels, but not torchvision's pixels. Skia only. Default: false.</summary>
    public bool FastDecode { get; set; }

    /// <summary>Apply the EXIF orientation; torchvision does not. Default: true.</summary>
    public bool ApplyOrientation { get; set; } = true;

    /// <summary>The default language of the labels: en, or zh for models with Chinese labels. Default: en.</summary>
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

    /// <exception cref="UnavailableException">misconfigured: this build lacks the decoder.</exception>
    internal IImageDecoder CreateDecoder() => ImageDecoders.Create(Decoder, FastDecode, MaxImagePixels)
        ?? throw new UnavailableException(ErrorCode.Misconfigured, $"This build has no {Decoder} decoder.");
}
