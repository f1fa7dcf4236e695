using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Api.Http;

/// <summary><c>GET /api/models</c></summary>
public sealed class ModelsEndpoint(Lazy<Classifier> classifier, ResNetOptions options, ILogger<ModelsEndpoint> logger)
{
    /// <summary>Answers with the models.</summary>
    public Task<IResult> GetAsync(HttpRequest request) =>
        Answer.FromAsync(request, logger, () => Task.FromResult(Answer.Json(List(), ApiJson.Default.ModelList)));

    private ModelList List()
    {
        Classifier shared = classifier.Value;
        Dictionary<string, ModelIdentity> loaded = shared.Loaded.ToDictionary(model => model.Name);
        return new ModelList(
            shared.Store.DefaultModel,
            shared.Device.Name,
            shared.Loads,
            options.OffersTraining,
            [.. shared.Store.List().Select(manifest => Describe(manifest, loaded.GetValueOrDefault(manifest.Name)))]);
    }

    private ModelDescription Describe(Manifest manifest, ModelIdentity? loaded) => new()
    {
        Name = manifest.Name,
        Description = manifest.Description,
        DescriptionZh = manifest.DescriptionZh,
        Architecture = manifest.Architecture,
        Available = loaded is not null || classifier.Value.Store.Has(manifest),
        Loaded = loaded is not null,
        Weights = loaded?.Weights,
        Framing = manifest.Input.Framing.ToString().ToLowerInvariant(),
        Resize = manifest.Input.Resize,
        Crop = manifest.Input.Crop,
        Accuracy = manifest.Accuracy,
        License = manifest.Weights.License,
    };
}

/// <summary>The models that can be asked for.</summary>
/// <param name="Default">The model that answers where a request names none.</param>
/// <param name="Device">What the models run on: cpu or cuda.</param>
/// <param name="Loads">How often a model was loaded since the start. If it keeps growing, MaxLoadedModels is too
/// small.</param>
/// <param name="Training">Whether this server can train models.</param>
/// <param name="Models">All models, by name.</param>
public sealed record ModelList(string Default, string Device, int Loads, bool Training, IReadOnlyList<ModelDescription> Models);

/// <summary>The public part of a manifest.</summary>
public sealed record ModelDescription
{
    /// <summary>What <c>?model=</c> takes.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence.</summary>
    public string? Description { get; init; }

    /// <summary>The same in Chinese.</summary>
    public string? DescriptionZh { get; init; }

    /// <summary>torchvision's name of the architecture; none for an ONNX file.</summary>
    public string? Architecture { get; init; }

    /// <summary>Whether the weights are here.</summary>
    public bool Available { get; init; }

    /// <summary>Whether it is in memory.</summary>
    public bool Loaded { get; init; }

    /// <summary>official, bundled, trained or user, once the model is loaded.</summary>
    public string? Weights { get; init; }

    /// <summary>crop, fit or squash: how a picture becomes a square.</summary>
    public required string Framing { get; init; }

    /// <summary>The length of the shorter side before the crop, in pixels.</summary>
    public int Resize { get; init; }

    /// <summary>The side of the model's input, in pixels.</summary>
    public int Crop { get; init; }

    /// <summary>The accuracy that the publisher of the weights states.</summary>
    public PublishedAccuracy? Accuracy { get; init; }

    /// <summary>The SPDX identifier of the weights' licence.</summary>
    public string? License { get; init; }
}
