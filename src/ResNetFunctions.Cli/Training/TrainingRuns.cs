using ResNetFunctions.Api;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;
using ResNetFunctions.ModelTools.Training;

namespace ResNetFunctions.Cli.Training;

/// <summary>Trains one set at a time and keeps the last state of each.</summary>
internal sealed class TrainingRuns(PhotoSets sets, Classifier classifier, ResNetOptions options)
{
    private const int Folds = 5;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TrainingState> _states = new(StringComparer.Ordinal);
    private CancellationTokenSource? _running;
    private string? _set;

    /// <summary>Null if the set was not trained since the start.</summary>
    public TrainingState? StateOf(string set)
    {
        lock (_lock)
            return _states.GetValueOrDefault(set);
    }

    /// <exception cref="UnavailableException">overloaded: another set is being trained.</exception>
    public TrainingState Start(string set, CancellationToken stopping)
    {
        string folder = sets.FolderOf(set);
        lock (_lock)
        {
            if (_running is not null)
                throw new UnavailableException(ErrorCode.Overloaded, $"{_set} is being trained: one at a time.", TimeSpan.FromSeconds(5));
            (_running, _set) = (CancellationTokenSource.CreateLinkedTokenSource(stopping), set);
            _states[set] = new TrainingState("extracting", 0, 0);
        }
        CancellationToken cancellation = _running.Token;
        Task.Factory.StartNew(() => Run(set, folder, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return _states[set];
    }

    /// <summary>Stops a training; nothing of it remains.</summary>
    public void Stop(string set)
    {
        lock (_lock)
        {
            if (_set == set)
                _running?.Cancel();
        }
    }

    private void Run(string set, string folder, CancellationToken cancellation)
    {
        List<SkippedPhoto> skipped = [];
        TrainingState end;
        try
        {
            (_, _, TrainingReport report) = new ModelTrainer(classifier.Store, options)
            {
                OnSkipped = (file, why) => skipped.Add(new SkippedPhoto(Path.GetFileName(Path.GetDirectoryName(file))!, Path.GetFileName(file), why)),
                OnProgress = (phase, done, total) => Keep(new TrainingState(phase == TrainingPhase.Extracting ? "extracting" : "fitting", done, total)),
            }.Train(set, folder, classifier.Store.Find(ModelStore.Bundled), Folds, cancellation);
            classifier.Forget(set);
            end = new TrainingState("done", 1, 1) { Report = TrainedReport.Of(report), Skipped = skipped };
        }
        catch (OperationCanceledException)
        {
            end = new TrainingState("stopped", 0, 0);
        }
        catch (Exception e) when (e is InvalidModelException or RejectedException)
        {
            end = new TrainingState("failed", 0, 0) { Problem = e.Message, Skipped = skipped };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            end = new TrainingState("failed", 0, 0) { Problem = "The model can't be written, or a photo can't be read.", Skipped = skipped };
        }
        lock (_lock)
        {
            _states[set] = end;
            _running!.Dispose();
            (_running, _set) = (null, null);
        }

        // Several threads report at once: the furthest counts.
        void Keep(TrainingState state)
        {
            lock (_lock)
            {
                if (_states[set].State != state.State || _states[set].Done < state.Done)
                    _states[set] = state;
            }
        }
    }
}
