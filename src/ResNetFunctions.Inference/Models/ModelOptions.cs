using System.ComponentModel.DataAnnotations;
using ResNetFunctions.Inference.Devices;

namespace ResNetFunctions.Inference.Models;

/// <summary>The settings of models.</summary>
public abstract class ModelOptions : ValidatedOptions
{
    /// <summary>The model that answers if a request names none. Default: the first available of resnet18 (the user's weights
    /// or torchvision's) and resnet18-mlnet, the bundled one.</summary>
    [RegularExpression("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    public string? DefaultModel { get; set => field = value is { Length: > 0 } ? value : null; }

    /// <summary>The folder of manifests, labels and model files. Default: <c>./models</c> if it exists, else <c>models</c>
    /// beside the executable.</summary>
    public string? ModelsPath { get; set; }

    /// <summary>An .onnx file with the default model's weights; for <c>resnet</c> also .pth or .safetensors. Default:
    /// none.</summary>
    public string? Weights { get; set; }

    /// <summary>The folder for converted and optimised models; empty: cache nothing. Default: the user's cache folder.</summary>
    public string? CachePath { get; set; }

    /// <summary>Threads that the runs of a model share: all of them for a request that is alone. 0, the default: one a core.</summary>
    [Range(0, 256)]
    public int IntraOpThreads { get; set; }

    /// <summary>What the networks run on: cpu, cuda (an NVIDIA GPU, in a build for it), or auto, which is the GPU where one can
    /// be used. Default: cpu.</summary>
    [EnumDataType(typeof(Device))]
    public Device Device { get; set; } = Device.Cpu;

    /// <summary>On a GPU: how many pictures one run takes at most. 1 to 256; default 32.</summary>
    [Range(1, 256)]
    public int MaxBatch { get; set; } = 32;

    /// <summary>On a GPU: how long a picture waits at most for others that are being prepared, to be run with them.
    /// Default: 2 ms.</summary>
    [TimeSpanRange("00:00:00", "00:00:01")]
    public TimeSpan BatchDelay { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How many models are in memory; the least recently used is unloaded. Default: 2.</summary>
    [Range(1, 64)]
    public int MaxLoadedModels { get; set; } = 2;

    /// <summary>Converts weights to a graph. A service has none: it loads graphs only.</summary>
    internal GraphMaker? MakeGraph { get; set; }

    /// <summary>What <see cref="Device"/> comes to on this machine.</summary>
    internal DeviceChoice DeviceChoice => DeviceChoice.Of(Device);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate()
    {
        List<string> errors = [.. base.Validate()];
        if (ModelsPath is { Length: > 0 } && !Directory.Exists(ModelsPath))
            errors.Add($"{nameof(ModelsPath)} is not a folder.");
        if (Weights is { Length: > 0 } && !File.Exists(Weights))
            errors.Add($"{nameof(Weights)} is not a file.");
        else if (Weights is { Length: > 0 } && MakeGraph is null && !ModelFile.IsGraph(Weights))
            errors.Add($"{nameof(Weights)} is no .onnx file. {ModelStore.HowToConvert(Path.GetFileName(Weights), "NAME")}");
        if (Device == Device.Cuda && DeviceChoice.WhyNotCuda is { } why)
            errors.Add($"{nameof(Device)} is cuda. {why}");
        return errors;
    }
}
