using Google.Protobuf;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Quantization;

/// <summary>Makes a model's int8 form from its float or half form and photos. The agreement is cross-validated: a network
/// calibrated on one half of the photos is compared on the other. The network that is written is calibrated on all
/// photos.</summary>
/// <param name="store">Where the model is.</param>
/// <param name="options">How photos are decoded, and the user's own weights.</param>
public sealed class ModelQuantizer(ModelStore store, ClassifierOptions options)
{
    private readonly Comparison _comparison = new(options);

    /// <summary>Called for each photo that can't be used.</summary>
    public Action<string, RejectedException> OnRejected { get; init; } = static (_, _) => { };

    /// <summary>Called for each photo, when it is used for calibration and when it is compared.</summary>
    public Action OnStep { get; init; } = static () => { };

    /// <summary>Called with both models' predictions for a held-out photo.</summary>
    public Action<string, IReadOnlyList<Prediction>, IReadOnlyList<Prediction>> OnCompared { get; init; } = static (_, _, _) => { };

    /// <summary>Quantizes a model and writes the graph and its manifest.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="photos">At least two; 100 varied ones are enough.</param>
    /// <param name="onnx">The graph to write; its manifest has the same name with <c>.json</c>.</param>
    /// <param name="cancellationToken">Stops between two photos.</param>
    /// <exception cref="InvalidModelException">The model can't be quantized, or fewer than two photos are
    /// usable.</exception>
    /// <returns>The new manifest, and the agreement with the original.</returns>
    public async Task<(Manifest Manifest, Agreement Agreement)> QuantizeAsync(
        Manifest manifest, IReadOnlyList<string> photos, string onnx, CancellationToken cancellationToken)
    {
        Labels labels = store.LabelsOf(manifest);
        ModelFile file = store.Open(manifest);
        ModelProto model = FloatGraph.Read(file);
        QuantizationPlan plan = QuantizationPlan.Of(model.Graph);

        Dictionary<string, TensorStatistics>[] halves = [[], []];
        List<string> used = Calibrate(model, plan, manifest, photos, halves, cancellationToken);
        if (used.Count < 2)
            throw new InvalidModelException("Calibration needs at least two photos, better 100.");

        var agreement = new Agreement();
        using (ModelSession original = ModelSession.Load(file, manifest, labels, options))
        {
            for (int half = 0; half < 2; half++)
            {
                byte[] int8 = Graph(model, plan, halves[half]).ToByteArray();
                using ModelSession heldOut = ModelSession.Load(new ModelFile(null, int8), manifest, labels, options);
                for (int i = 1 - half; i < used.Count; i += 2)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    OnStep();
                    (Prediction[] expected, Prediction[] actual) = await _comparison.RunAsync(used[i], original, heldOut).ConfigureAwait(false);
                    agreement.Add(expected, actual);
                    OnCompared(used[i], expected, actual);
                }
            }
        }

        ModelProto whole = Graph(model, plan, Calibration.Sum(halves[0], halves[1]));
        OnnxFile.Write(whole, onnx, new Dictionary<string, string> { ["quantized_from"] = file.Sha256 });
        Manifest written = Describe(manifest, file, onnx, agreement);
        File.WriteAllBytes(Path.ChangeExtension(onnx, ".json"), written.ToJson());
        return (written, agreement);
    }

    // Photos go to the halves in turn.
    private List<string> Calibrate(
        ModelProto model, QuantizationPlan plan, Manifest manifest, IReadOnlyList<string> photos,
        Dictionary<string, TensorStatistics>[] halves, CancellationToken cancellationToken)
    {
        int side = manifest.Input.Crop;
        long[] shape = manifest.Input.Layout == TensorLayout.Nchw ? [1, 3, side, side] : [1, side, side, 3];
        using var calibration = new Calibration(model, plan, shape);
        var preprocessor = new Preprocessor(manifest.Input);
        float[] tensor = new float[preprocessor.TensorLength];
        List<string> used = [];
        foreach (string photo in photos)
        {
            cancellationToken.ThrowIfCancellationRequested();
            OnStep();
            try
            {
                using PixelBuffer pixels = _comparison.Decode(photo, out Orientation orientation);
                preprocessor.Run(pixels, orientation, tensor);
            }
            catch (RejectedException e)
            {
                OnRejected(photo, e);
                continue;
            }
            calibration.Run(tensor, halves[used.Count % 2]);
            used.Add(photo);
        }
        return used;
    }

    private static ModelProto Graph(ModelProto model, QuantizationPlan plan, Dictionary<string, TensorStatistics> statistics) => new()
    {
        IrVersion = model.IrVersion,
        ProducerName = "ResNetFunctions",
        OpsetImport = { model.OpsetImport },
        Graph = QdqGraph.Build(plan, statistics),
    };

    private static Manifest Describe(Manifest manifest, ModelFile file, string onnx, Agreement agreement) => manifest with
    {
        Name = Path.GetFileNameWithoutExtension(onnx),
        Description = $"{manifest.Name} in int8.",
        Architecture = null,
        Accuracy = null,
        Weights = new WeightsSource
        {
            File = Path.GetFileName(onnx),
            License = manifest.Weights.License,
        },
        Quantization = new QuantizationFacts
        {
            From = manifest.Name,
            Sha256 = file.Sha256,
            CalibrationPhotos = agreement.Photos,
            Top1Agreement = Math.Round(agreement.Top1, 2),
            Top5Agreement = Math.Round(agreement.Top5, 2),
            ConfidenceChange = Math.Round(agreement.ConfidenceChange, 4),
        },
    };
}
