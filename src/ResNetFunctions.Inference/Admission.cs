using System.Security.Cryptography;
using ResNetFunctions.Imaging;
using ResNetFunctions.Imaging.Decoding;
using ResNetFunctions.Imaging.Preprocessing;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Inference;

/// <summary>A request's turn at the processor; disposing it lets the next one in.</summary>
public sealed class Admission : IDisposable
{
    private readonly Classifier _classifier;
    private readonly Gate.Turn _turn;
    private readonly Task<LoadedModels.Hold> _hold;
    private readonly InputSpec _input;
    private readonly int _top;
    private readonly TimeSpan _queued;

    internal Admission(Classifier classifier, Gate.Turn turn, Task<LoadedModels.Hold> hold, InputSpec input, int top, TimeSpan queued)
    {
        _classifier = classifier;
        _turn = turn;
        _hold = hold;
        _input = input;
        _top = top;
        _queued = queued;
    }

    /// <summary>Classifies one image: bytes, pixels, tensor, predictions.</summary>
    /// <exception cref="RejectedException">The image can never be classified.</exception>
    /// <exception cref="UnavailableException">model-unavailable.</exception>
    public async ValueTask<Classification> ClassifyAsync(
        ReadOnlyMemory<byte> image, CancellationToken cancellationToken = default)
    {
        var stages = new Stages(_queued);
        ImageHeader header = _classifier.CheckImage(image.Span);
        using IDisposable share = await _classifier.ReserveAsync(header, cancellationToken).ConfigureAwait(false);

        stages.Begin();
        using PixelBuffer pixels = _classifier.Decode(image, header, _input);
        stages.EndDecode();
        cancellationToken.ThrowIfCancellationRequested();

        // The load was begun with the turn, so that a first image is decoded meanwhile.
        ModelSession session = (await _hold.ConfigureAwait(false)).Session;
        using ModelSession.Bindings tensors = session.Rent();
        stages.Begin();
        tensors.Fill(pixels, _classifier.OrientationOf(header));
        stages.EndPreprocess();
        cancellationToken.ThrowIfCancellationRequested();

        stages.Begin();
        ReadOnlyMemory<float> scores = await Classifier.RunAsync(session, tensors).ConfigureAwait(false);
        Prediction[] predictions = Prediction.Of(session, scores.Span, _top);
        stages.EndInference();

        string sha256 = Convert.ToHexStringLower(SHA256.HashData(image.Span));
        var info = new ImageInfo(header.Format.Name, header.Width, header.Height, image.Length, sha256);
        return new Classification(session.Identity, info, predictions, stages.Report(session.Identity.Name, info.Format));
    }

    /// <summary>Lets the next request in.</summary>
    public void Dispose()
    {
        _turn.Dispose();
        _hold.ContinueWith(
            hold =>
            {
                if (hold.IsCompletedSuccessfully)
                    hold.Result.Dispose();
                else
                    _ = hold.Exception; // Whoever awaited it was told; seen here so that it is not reported again.
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
