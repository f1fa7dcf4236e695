using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.Inference.Sessions;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.ModelTools.Training;

/// <summary>Trains a classifier of the user's own classes: the features of a trained network's last hidden layer, and a new
/// last layer fitted by logistic regression. Deterministic.</summary>
/// <param name="store">Where models are.</param>
/// <param name="options">How photos are decoded.</param>
public sealed class ModelTrainer(ModelStore store, ClassifierOptions options)
{
    /// <summary>Called for each skipped photo, with the reason.</summary>
    public Action<string, string> OnSkipped { get; init; } = static (_, _) => { };

    /// <summary>Called with the phase, how much is done, and the total.</summary>
    public Action<TrainingPhase, int, int> OnProgress { get; init; } = static (_, _, _) => { };

    /// <summary>Trains a model and writes it: NAME.onnx, its labels NAME.tsv and its manifest NAME.json.</summary>
    /// <param name="name">The new model's name.</param>
    /// <param name="folder">A folder of photos for each class.</param>
    /// <param name="on">The base model.</param>
    /// <param name="folds">The folds of the cross-validation, 2 to 20.</param>
    /// <param name="cancellationToken">Stops; nothing remains.</param>
    /// <exception cref="InvalidModelException">The name, the photos or the network can't be used; the message says
    /// why.</exception>
    public (Manifest Manifest, string Onnx, TrainingReport Report) Train(
        string name, string folder, Manifest on, int folds, CancellationToken cancellationToken)
    {
        CheckName(name);
        if (folds is < 2 or > 20)
            throw new InvalidModelException("There must be 2 to 20 folds.");
        List<(string Class, string[] Files)> folders = ClassFolders.Read(folder);
        string[] names = [.. folders.Select(static f => f.Class)];

        ModelFile file = store.Open(on);
        string sha256 = WeightsOf(file, on);
        NetworkBody body = NetworkBody.Of(on.Name, OnnxFile.Read(file), on.OutputName);
        (List<Photo> photos, long[] classes, bool half) = ExtractFeatures(body, on, folders, cancellationToken);

        using var graph = new SoftmaxGraph(names.Length, photos[0].Features.Length, options.MaxConcurrency);
        int steps = CrossValidation.Steps(folds) + 1, step = 0;
        (double penalty, HeldOutPrediction[] heldOut) = CrossValidation.Run(
            photos, classes, names.Length, folds, graph, () => OnProgress(TrainingPhase.Fitting, ++step, steps), cancellationToken);

        float[][] features = [.. photos.Select(static photo => photo.Features)];
        Standardisation standardisation = Standardisation.Of(features);
        double[] fitted = new SoftmaxRegression(graph, standardisation.Apply(features, classes), names.Length).Fit(penalty);
        (float[] weights, float[] bias) = standardisation.Fold(fitted, names.Length);
        OnProgress(TrainingPhase.Fitting, steps, steps);

        var report = new TrainingReport(names, photos, heldOut);
        var labels = new Labels([.. names.Select(static label => ((string?)null, label))]);
        Manifest manifest = Describe(name, on, sha256, report, folds, penalty);
        string onnx = NewModel.Write(
            store, manifest, body.WithLastLayer(weights, bias, half), labels, new() { ["trained_on"] = sha256 }, cancellationToken);
        return (manifest, onnx, report);
    }

    private void CheckName(string name)
    {
        if (!Manifest.IsName(name))
            throw new InvalidModelException("A model's name has letters, digits, '.', '_' and '-', at most 64 of them.");
        if (store.Exists(name) && store.Find(name).Training is null)
            throw new InvalidModelException($"There is a model {name} that was not trained here: choose another name.");
    }

    private (List<Photo>, long[] Classes, bool HalfFeatures) ExtractFeatures(
        NetworkBody body, Manifest on, List<(string Class, string[] Files)> folders, CancellationToken cancellationToken)
    {
        using var extractor = new FeatureExtractor(body, on.Input, options);
        string[] files = [.. folders.SelectMany(static f => f.Files)];
        int done = 0;
        Photo[] all = extractor.Run(
            files, () => OnProgress(TrainingPhase.Extracting, Interlocked.Increment(ref done), files.Length), cancellationToken);

        List<Photo> photos = [];
        List<long> classes = [];
        Dictionary<string, (long Class, string File)> known = [];
        int next = 0;
        for (int c = 0; c < folders.Count; c++)
        {
            int before = photos.Count;
            foreach (Photo photo in all.AsSpan(next, folders[c].Files.Length))
            {
                if (photo.Fault is not null)
                    OnSkipped(photo.File, photo.Fault);
                else if (known.TryAdd(photo.Sha256, (c, photo.File)))
                    Take(photo, c);
                else if (known[photo.Sha256].Class == c)
                    OnSkipped(photo.File, $"It is the same picture as {Path.GetFileName(known[photo.Sha256].File)}.");
                else
                    throw new InvalidModelException(
                        $"The same picture is in two classes: {Short(known[photo.Sha256].File)} and {Short(photo.File)}. Take one of them away.");
            }
            next += folders[c].Files.Length;
            if (photos.Count - before < ClassFolders.MinPhotos)
            {
                throw new InvalidModelException(
                    $"The folder {folders[c].Class} has {photos.Count - before} usable photos; each class needs {ClassFolders.MinPhotos} at least, better 50.");
            }
        }
        return (photos, [.. classes], extractor.AreHalf);

        void Take(Photo photo, long c)
        {
            photos.Add(photo);
            classes.Add(c);
        }
    }

    private static string Short(string file) => $"{Path.GetFileName(Path.GetDirectoryName(file))}/{Path.GetFileName(file)}";

    private string WeightsOf(ModelFile file, Manifest on)
    {
        using ModelSession session = ModelSession.Load(file, on, store.LabelsOf(on), options);
        return session.Identity.Sha256;
    }

    private static Manifest Describe(
        string name, Manifest on, string sha256, TrainingReport report, int folds, double penalty) => new()
        {
            Name = name,
            Description = $"{report.Classes.Count} classes of {report.Photos} photos, trained on {on.Name}.",
            Weights = new WeightsSource { File = name + ".onnx", Kind = WeightsKind.Trained, License = on.Weights.License },
            Input = on.Input,
            Labels = name + ".tsv",
            Training = new TrainingFacts
            {
                On = on.Name,
                Sha256 = sha256,
                Photos = [.. Enumerable.Range(0, report.Classes.Count).Select(report.PhotosOf)],
                Folds = folds,
                Penalty = penalty,
                Top1 = Math.Round(report.Top1, 2),
            },
        };
}

/// <summary>The phases of a training.</summary>
public enum TrainingPhase
{
    /// <summary>The network computes each photo's features.</summary>
    Extracting,

    /// <summary>The last layer is fitted.</summary>
    Fitting,
}
