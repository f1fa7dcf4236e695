using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Makes a model's float16 form, half its size, from its float32 one. Nothing of it is fitted to photos: how like the
/// original it answers may be measured on any.</summary>
/// <param name="store">Where the model is.</param>
/// <param name="options">How photos are decoded, and the weights if they are the user's own.</param>
public sealed class Float16Converter(ModelStore store, ClassifierOptions options)
{
    /// <summary>Called for each photo that can't be used.</summary>
    public Action<string, RejectedException> OnRejected { get; init; } = static (_, _) => { };

    /// <summary>Called for each photo.</summary>
    public Action OnStep { get; init; } = static () => { };

    /// <summary>Turns a .pth, .safetensors or .onnx file into a float16 graph, written whole or not at all.</summary>
    /// <param name="weights">The file.</param>
    /// <param name="architecture">torchvision's name of the network; null for an .onnx file.</param>
    /// <param name="onnx">The graph to write.</param>
    /// <exception cref="InvalidModelException">The file is damaged, or can't be float16.</exception>
    public static void Convert(string weights, string? architecture, string onnx)
    {
        ModelProto model = architecture is null ? OnnxFile.Read(weights) : GraphConverter.ToGraph(weights, architecture);
        Float16Graph.Convert(model);
        OnnxFile.Write(model, onnx, From(ModelStore.Sha256(weights)));
    }

    /// <summary>Converts a model and writes the graph, and beside it its manifest.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="photos">Files to compare the two forms on; may be none.</param>
    /// <param name="onnx">The graph to write; its manifest is of the same name with <c>.json</c>.</param>
    /// <param name="cancellationToken">Stops between two photos.</param>
    /// <exception cref="InvalidModelException">The model can't be float16, or answers with no numbers then.</exception>
    /// <returns>The manifest that was written, and how like the original the float16 form answers.</returns>
    public async Task<(Manifest Manifest, Agreement Agreement)> ConvertAsync(
        Manifest manifest, IReadOnlyList<string> photos, string onnx, CancellationToken cancellationToken)
    {
        Labels labels = store.LabelsOf(manifest);
        ModelFile file = store.Open(manifest);
        ModelProto model = OnnxFile.Read(file);
        Float16Graph.Convert(model);
        Dictionary<string, string> metadata = From(file.Sha256);

        using ModelSession original = ModelSession.Load(file, manifest, labels, options);
        var agreement = new Agreement();
        using (ModelSession float16 = ModelSession.Load(new ModelFile(null, OnnxFile.ToBytes(model, metadata)), manifest, labels, options))
        {
            await RunOnceAsync(float16).ConfigureAwait(false);
            await CompareAsync(original, float16, photos, agreement, cancellationToken).ConfigureAwait(false);
        }

        OnnxFile.Write(model, onnx, metadata);
        Manifest written = Describe(manifest, original.Identity, file, onnx, agreement);
        File.WriteAllBytes(Path.ChangeExtension(onnx, ".json"), written.ToJson());
        return (written, agreement);
    }

    private static async Task RunOnceAsync(ModelSession session)
    {
        using ModelSession.Bindings bindings = session.Rent();
        await session.RunAsync(bindings).ConfigureAwait(false);
    }

    private async Task CompareAsync(
        ModelSession original, ModelSession float16, IReadOnlyList<string> photos, Agreement agreement, CancellationToken cancellationToken)
    {
        var comparison = new Comparison(options);
        foreach (string photo in photos)
        {
            cancellationToken.ThrowIfCancellationRequested();
            OnStep();
            try
            {
                (Prediction[] expected, Prediction[] actual) = await comparison.RunAsync(photo, original, float16).ConfigureAwait(false);
                agreement.Add(expected, actual);
            }
            catch (RejectedException e)
            {
                OnRejected(photo, e);
            }
        }
    }

    private static Dictionary<string, string> From(string sha256) => new() { ["float16_from"] = sha256 };

    // Rounded, the weights are still those of who published them: answers go on to say whose.
    private static Manifest Describe(Manifest manifest, ModelIdentity identity, ModelFile file, string onnx, Agreement agreement) => manifest with
    {
        Name = Path.GetFileNameWithoutExtension(onnx),
        Description = $"{manifest.Name} in float16.",
        DescriptionZh = null,
        Architecture = null,
        Accuracy = null,
        Weights = new WeightsSource
        {
            File = Path.GetFileName(onnx),
            Kind = manifest.Weights.Kind,
            Sha256 = identity.Weights == "user" ? null : ModelStore.Sha256(onnx),
            License = manifest.Weights.License,
        },
        Float16 = new Float16Facts
        {
            From = manifest.Name,
            Sha256 = file.Sha256,
            Photos = agreement.Photos,
            Top1Agreement = Measured(agreement, agreement.Top1, 2),
            Top5Agreement = Measured(agreement, agreement.Top5, 2),
            ConfidenceChange = Measured(agreement, agreement.ConfidenceChange, 4),
        },
    };

    private static double? Measured(Agreement agreement, double value, int digits) =>
        agreement.Photos == 0 ? null : Math.Round(value, digits);
}
