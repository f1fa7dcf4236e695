using System.ComponentModel.DataAnnotations;

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

    /// <summary>The folder for converted models; empty: cache nothing. Default: the user's cache folder.</summary>
    public string? CachePath { get; set; }

    /// <summary>Threads that the runs of a model share: all of them for a request that is alone. 0, the default: one a core.</summary>
    [Range(0, 256)]
    public int IntraOpThreads { get; set; }

    /// <summary>How many models are in memory; the least recently used is unloaded. Default: 2.</summary>
    [Range(1, 64)]
    public int MaxLoadedModels { get; set; } = 2;

    /// <summary>Converts weights to a graph. A service has none: it loads graphs only.</summary>
    internal GraphMaker? MakeGraph { get; set; }

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
        return errors;
    }
}
