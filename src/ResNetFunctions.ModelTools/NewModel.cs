using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools;

/// <summary>Writes a new model: the graph, the labels, and last the manifest, which makes it visible.</summary>
internal static class NewModel
{
    /// <summary>Runs the model once, then writes it. If that fails, nothing new remains.</summary>
    /// <param name="store">Where it goes.</param>
    /// <param name="manifest">Its weights file gives the graph's name.</param>
    /// <param name="graph">The network.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="metadata">The graph's metadata.</param>
    /// <param name="cancellationToken">Stops before anything is written.</param>
    /// <returns>The graph's path.</returns>
    /// <exception cref="InvalidModelException">It does not run, or can't be written.</exception>
    public static string Write(
        ModelStore store, Manifest manifest, ModelProto graph, Labels labels, Dictionary<string, string> metadata,
        CancellationToken cancellationToken)
    {
        RunOnce(new ModelFile(null, OnnxFile.ToBytes(graph, metadata)), manifest, labels);

        string onnx = store.PathForNew(manifest.Weights.File), folder = Path.GetDirectoryName(onnx)!;
        string unfinished = Path.Combine(folder, $".{manifest.Name}.{Guid.NewGuid():N}");
        (string labelsPart, string manifestPart) = (unfinished + ".tsv.part", unfinished + ".json.part");
        try
        {
            File.WriteAllText(labelsPart, labels.ToTable());
            cancellationToken.ThrowIfCancellationRequested();
            OnnxFile.Write(graph, onnx, metadata);
            if (manifest.Training is not null)
                manifest.Weights.Sha256 = ModelStore.Sha256(onnx); // By which its answers say that they are a trained model's.
            File.WriteAllBytes(manifestPart, manifest.ToJson());
            File.Move(labelsPart, Path.Combine(folder, manifest.Labels), overwrite: true);
            File.Move(manifestPart, Path.Combine(folder, manifest.Name + ".json"), overwrite: true);
            return onnx;
        }
        finally
        {
            File.Delete(labelsPart);
            File.Delete(manifestPart);
        }
    }

    private static void RunOnce(ModelFile file, Manifest manifest, Labels labels)
    {
        using ModelSession session = ModelSession.Load(file, manifest, labels, new ClassifierOptions());
        using ModelSession.Bindings bindings = session.Rent();
        session.RunAsync(bindings).AsTask().GetAwaiter().GetResult();
    }
}
