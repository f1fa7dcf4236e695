using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Onnx;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Inference;

/// <summary>Writes a new model: its graph, its labels and, last, its manifest, without which it is none.</summary>
internal sealed class NewModel(ModelStore store)
{
    /// <summary>Runs the model once, then writes it. Until all of it is written, nothing of it has its name.</summary>
    /// <param name="manifest">Of the new model; its weights file gives the graph's name.</param>
    /// <param name="graph">The network.</param>
    /// <param name="labels">Its classes.</param>
    /// <param name="options">How it is run.</param>
    /// <param name="cancellationToken">Leaves nothing behind.</param>
    /// <returns>The graph's path.</returns>
    /// <exception cref="InvalidModelException">It does not run, or nothing can be written.</exception>
    public string Write(Manifest manifest, ModelProto graph, Labels labels, ClassifierOptions options, CancellationToken cancellationToken)
    {
        string onnx = store.PathForNew(manifest.Weights.File);
        string folder = Path.GetDirectoryName(onnx)!;
        string unfinished = Path.Combine(folder, $".{manifest.Name}.{Guid.NewGuid():N}.part");
        (string From, string To)[] files =
        [
            (unfinished + ".onnx", onnx), (unfinished + ".tsv", Path.Combine(folder, manifest.Labels)),
            (unfinished + ".json", Path.Combine(folder, manifest.Name + ".json")),
        ];
        try
        {
            OnnxFile.Write(graph, files[0].From, Metadata(manifest));
            RunOnce(new ModelFile(files[0].From, null), manifest, labels, options);
            manifest.Weights.Bytes = new FileInfo(files[0].From).Length;
            File.WriteAllText(files[1].From, labels.ToTable());
            File.WriteAllBytes(files[2].From, manifest.ToJson());
            cancellationToken.ThrowIfCancellationRequested();
            foreach ((string from, string to) in files)
                File.Move(from, to, overwrite: true);
            return onnx;
        }
        finally
        {
            foreach ((string from, _) in files)
                File.Delete(from);
        }
    }

    private static Dictionary<string, string> Metadata(Manifest manifest) =>
        manifest.Training is { } training ? new() { ["trained_on"] = training.Sha256 } : [];

    private static void RunOnce(ModelFile file, Manifest manifest, Labels labels, ClassifierOptions options)
    {
        using ModelSession session = ModelSession.Load(file, null, manifest, labels, options);
        using ModelSession.Bindings bindings = session.Rent();
        try
        {
            session.RunAsync(bindings, 1).AsTask().GetAwaiter().GetResult();
        }
        catch (UnavailableException e)
        {
            throw new InvalidModelException(e.Message, e);
        }
    }
}
